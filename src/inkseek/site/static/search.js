// Live searches on the page itself: the interface of the service's search.js, with no service.

import { DeviceEncoder } from "./encoder.js";
import { findPhotos, readGallery, steer } from "./ranking.js";

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
  async search({ sketch, k, offset = 0, liked = [], disliked = [] }) {
    const turn = (this.#newest += 1);
    try {
      const { encoder, gallery } = await open();
      if (turn !== this.#newest) return null;
      const begin = performance.now();
      const { embedding, answered } = await encoder.embed(sketch.strokes);
      if (turn !== this.#newest) return null;
      // A photo's id is the number of its row.
      const [pulling, pushing] = [liked.map(Number), disliked.map(Number)];
      const query = steer(gallery, embedding, pulling, pushing);
      const expand = !pulling.length && !pushing.length;
      const found = findPhotos(gallery, query, k, { offset, excluded: pushing, expand });
      return { ...found, ...answered, milliseconds: performance.now() - begin };
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

// Files of one export belong together: none may come from a cache that is older than another.
async function get(url) {
  const response = await fetch(url, { cache: "no-cache" }).catch(() => null);
  if (!response?.ok) throw new Error(`${url} cannot be loaded. Is the whole site there?`);
  return response;
}
