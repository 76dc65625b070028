// Drawings that come as pictures or files: chosen, photographed, dropped or pasted.

import { find } from "./dom.js";
import { ask } from "./service.js";

// A photograph of a phone is far larger than what tracing looks at, and than what the service takes.
const LARGEST_BYTES = 4 * 2 ** 20;
const LONGEST_SIDE = 2000;

export async function readStrokes(file) {
  const name = encodeURIComponent(file.name || "the drawing");
  const { strokes } = await ask(`/api/sketches?name=${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: await shrink(file),
  });
  return strokes;
}

async function shrink(file) {
  if (!file.type.startsWith("image/") || file.size <= LARGEST_BYTES) return file;
  // What this browser cannot decode the service may.
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(scale * picture.width), Math.round(scale * picture.height));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.convertToBlob({ type: "image/png" });
}

export function listenForFiles(onFile, onProblem) {
  const veil = find("drop");
  const take = (files) => files?.length && onFile(files[0]);
  for (const [button, input] of [["ways-file", "file"], ["ways-camera", "camera"]]) {
    find(button).addEventListener("click", () => find(input).click());
    find(input).addEventListener("change", (event) => {
      take(event.target.files);
      event.target.value = "";
    });
  }
  find("ways-paste").addEventListener("click", () => paste(onFile, onProblem));
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => take(event.clipboardData.files));
}

async function paste(onFile, onProblem) {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((name) => name.startsWith("image/"));
      if (type) {
        onFile(new File([await item.getType(type)], "the pasted picture", { type }));
        return;
      }
    }
    onProblem("There is no picture to paste. Copy one first.");
  } catch {
    onProblem("This browser does not let the page paste. Press Ctrl+V instead.");
  }
}
