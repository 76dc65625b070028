// Drawings that come as files: chosen, dropped or pasted.

import { ask } from "./search.js";

const find = (id) => document.getElementById(id);

export async function readStrokes(file) {
  const name = encodeURIComponent(file.name || "the drawing");
  const { strokes } = await ask(`/api/sketches?name=${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
  return strokes;
}

export function listenForFiles(onFile) {
  const [input, veil] = [find("file"), find("drop")];
  const take = (files) => files?.length && onFile(files[0]);
  find("open").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
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
