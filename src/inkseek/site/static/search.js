// Live searches on the page itself: the interface of the service's search.js, with no service.

import { DeviceEncoder } from "./encoder.js";
import { findPhotos, readGallery } from "./ranking.js";

let opened = null;

// Encoder and gallery, loaded once; after a failure the next call tries again.
export function open() {
  opened ??= load().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

export class LiveSearch {
  #newest = 0;

  // The answer, or null when a newer search or `cancel` came in between.
  async search({ sketch, k, offset = 0 }) {
    const turn = (this.#newest += 1);
    try {
      const { encoder, gallery } = await open();
      if (turn !== this.#newest) return null;
      const begin = performance.now();
      const { embedding } = await encoder.embed(sketch.strokes);
      if (turn !== this.#newest) return null;
      const found = findPhotos(gallery, embedding, k, offset);
      return { ...found, milliseconds: performance.now() - begin };
    } catch (error) {
      if (turn !== this.#newest) return null;
      throw error;
    }
  }

  cancel() {
    this.#newest += 1;
  }
}

async function load() {
  const [content, halves, encoder] = await Promise.all([
    get("gallery.json").then((response) => response.json()),
    get("embeddings.f16").then((response) => response.arrayBuffer()),
    DeviceEncoder.load({ card: "model/card.json", model: "model/student.onnx" }),
  ]);
  if (encoder.card.files["student.onnx"].slice(0, content.model.length) !== content.model) {
    throw new Error("model and photos of this site do not belong together; export it again");
  }
  return { encoder, gallery: readGallery(content, halves) };
}

async function get(url) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`${url} cannot be loaded. Is the whole site there?`);
  return response;
}
