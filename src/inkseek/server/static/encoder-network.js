// The student network in this thread: strokes in, a unit embedding out. Runs in encoder-worker.js.

import { draw } from "./raster.js";

const RUNTIME = new URL("./vendor/ort.js", import.meta.url);
const WEBASSEMBLY = new URL("./vendor/ort.wasm.gz", import.meta.url);

// Open the network of a model folder. `card` and `model` are addresses of card.json and
// student.onnx, `headers` go with the requests for them. `chooseCanvas` makes the side in pixels
// at which a drawing is embedded out of its strokes and the card.
export async function openNetwork({ card, model, headers = {}, chooseCanvas = takeUsualCanvas }) {
  const ort = await importRuntime();
  const [webAssembly, about, network] = await Promise.all([
    load(WEBASSEMBLY).then(inflate),
    load(card, headers).then((response) => response.json()),
    load(model, headers).then((response) => response.arrayBuffer()),
  ]);
  ort.env.wasm.wasmBinary = webAssembly;
  // More threads need a page that is isolated from others, and gain little on one small picture.
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(new Uint8Array(network), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  const embed = async (strokes) => {
    const canvasSize = await chooseCanvas(strokes, about);
    const begin = performance.now();
    const ink = draw(strokes, canvasSize, { penWidth: about.pen_width, margin: about.margin });
    const drawn = performance.now();
    const image = new ort.Tensor("uint8", toRgb(ink), [1, 3, canvasSize, canvasSize]);
    // The other output, the parts by place, is for explanations.
    const { embedding } = await session.run({ image }, ["embedding"]);
    const milliseconds = { raster: drawn - begin, network: performance.now() - drawn };
    return { embedding: embedding.data, canvasSize, milliseconds };
  };
  // The first run allocates what the others find; no drawing shall wait for it.
  await embed([[[0, 0]]]);
  return { embed, card: about };
}

// Where no selector chooses, sketches are drawn at the first size that the card names.
export function takeUsualCanvas(_strokes, card) {
  return card.canvas_sizes[0];
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

async function load(url, headers = {}) {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`${url} cannot be loaded (${response.status})`);
  return response;
}

// The network sees photos too, so it takes colours: the ink in each of them.
function toRgb(ink) {
  const planes = new Uint8Array(3 * ink.length);
  for (let i = 0; i < 3; i += 1) planes.set(ink, i * ink.length);
  return planes;
}
