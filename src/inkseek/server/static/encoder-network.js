// The networks of a model in this thread: strokes in, a unit embedding out. Runs in encoder-worker.js.

import { draw } from "./raster.js";
import { openSelector } from "./selector.js";

const RUNTIME = new URL("./vendor/ort.js", import.meta.url);
const WEBASSEMBLY = new URL("./vendor/ort.wasm.gz", import.meta.url);

const SELECTOR = "selector.onnx";
const DOT = [[[0, 0]]];

// Open the networks of a model folder. `card` and `model` are addresses of card.json and
// student.onnx, beside which selector.onnx is if the card has one; `headers` go with the requests.
export async function openNetwork({ card, model, headers = {} }) {
  const ort = await importRuntime();
  const [webAssembly, about, student] = await Promise.all([
    load(WEBASSEMBLY).then(inflate),
    load(card, headers).then((response) => response.json()),
    load(model, headers).then((response) => response.arrayBuffer()),
  ]);
  ort.env.wasm.wasmBinary = webAssembly;
  // More threads need a page that is isolated from others, and gain little on one small picture.
  ort.env.wasm.numThreads = 1;
  const createSession = (network) =>
    ort.InferenceSession.create(new Uint8Array(network), {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
    });
  await check(student, model, about);
  const session = await createSession(student);
  const choose = about.selector ? await loadSelector() : takeUsualCanvas;

  async function loadSelector() {
    const url = new URL(SELECTOR, model);
    const network = await load(url, headers).then((response) => response.arrayBuffer());
    await check(network, url, about);
    return openSelector(ort, createSession, network, about);
  }

  const embedOn = async (strokes, canvasSize) => {
    const begin = performance.now();
    const ink = draw(strokes, canvasSize, { penWidth: about.pen_width, margin: about.margin });
    const drawn = performance.now();
    const image = new ort.Tensor("uint8", toRgb(ink), [1, 3, canvasSize, canvasSize]);
    // The other output, the parts by place, is for explanations.
    const { embedding } = await session.run({ image }, ["embedding"]);
    const milliseconds = { raster: drawn - begin, network: performance.now() - drawn };
    return { embedding: embedding.data, canvasSize, milliseconds };
  };

  const embed = async (strokes) => {
    const begin = performance.now();
    const { canvasSize, gflops } = await choose(strokes, about);
    const select = performance.now() - begin;
    const { milliseconds, ...embedded } = await embedOn(strokes, canvasSize);
    // In the words of the service's answer, which tells a canvas only where it was chosen.
    const answered = about.selector ? { canvas_size: canvasSize, gflops } : {};
    return { ...embedded, answered, milliseconds: { select, ...milliseconds } };
  };

  // The first run on a canvas allocates what the others find; no drawing shall wait for it.
  await embed(DOT);
  for (const size of about.selector?.canvas_sizes ?? []) await embedOn(DOT, size);
  return { embed, card: about };
}

// Where no selector chooses, sketches are drawn at the first size that the card names.
function takeUsualCanvas(_strokes, card) {
  const [canvasSize] = card.canvas_sizes;
  return { canvasSize, gflops: card.gflops[canvasSize] };
}

// A file that was cut short or exchanged is refused by its digest on the card. Browsers compute one
// on https and on this computer; elsewhere the runtime is left to find what is wrong.
async function check(network, url, { files }) {
  const name = new URL(url).pathname.split("/").at(-1);
  if (!files?.[name] || !crypto.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", network));
  const text = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (text !== files[name]) throw new Error(`${name} is not the file that its card describes`);
}

// The smallest file comes first: without it nobody needs the others.
async function importRuntime() {
  try {
    return await import(RUNTIME);
  } catch {
    throw new Error("the runtime of the encoder is not here; whoever runs inkseek can add it by `make web`");
  }
}

// The file is compressed, unless the server said so and the browser has undone it.
async function inflate(response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isCompressed) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Files of one model belong together: none may come from a cache that is older than another.
async function load(url, headers = {}) {
  const response = await fetch(url, { headers, cache: "no-cache" });
  if (!response.ok) throw new Error(`${url} cannot be loaded (${response.status})`);
  return response;
}

// The network sees photos too, so it takes colours: the ink in each of them.
function toRgb(ink) {
  const planes = new Uint8Array(3 * ink.length);
  for (let i = 0; i < 3; i += 1) planes.set(ink, i * ink.length);
  return planes;
}
