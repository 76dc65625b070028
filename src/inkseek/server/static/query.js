// What is looked for: a drawing or a photo, the filters, and what was said about hits so far.

import { CANVAS } from "./ink.js";

export class Query {
  #getStrokes;
  #filters;
  #feedback;
  #sought;

  constructor(getStrokes, filters, feedback, sought) {
    this.#getStrokes = getStrokes;
    this.#filters = filters;
    this.#feedback = feedback;
    this.#sought = sought;
  }

  get isEmpty() {
    return !this.#sought.photo && !this.#getStrokes().length;
  }

  get isNarrowed() {
    return this.#filters.count > 0;
  }

  // By a photo, or by what was said of hits.
  get isSteered() {
    return this.#sought.photo !== null || this.#feedback.count > 0;
  }

  toRequest() {
    const { photo } = this.#sought;
    const sought = photo
      ? { like_photo: photo.photo_id }
      : { sketch: { canvas_size: CANVAS, strokes: this.#getStrokes() } };
    return { ...sought, ...this.#filters.values, ...this.#feedback.ids };
  }
}
