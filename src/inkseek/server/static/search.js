// Live searches. Only the newest one is ever answered.

import { post } from "./service.js";

export class LiveSearch {
  #request = null;
  #prepare;

  // `prepare` may put an embedding in place of the drawing, and then says what the answer lacks.
  constructor(prepare = (body) => ({ body })) {
    this.#prepare = prepare;
  }

  // The answer, or null when a newer search or `cancel` came in between.
  async search(body) {
    this.cancel();
    const request = (this.#request = new AbortController());
    try {
      let prepared = this.#prepare(body);
      // Even a promise that is kept already would let everything else go first.
      if (prepared instanceof Promise) prepared = await prepared;
      if (this.#request !== request) return null;
      const answer = await post("/api/search", prepared.body, { signal: request.signal });
      return this.#request === request ? { ...answer, ...prepared.answered } : null;
    } catch (error) {
      if (this.#request !== request) return null;
      throw error;
    }
  }

  cancel() {
    this.#request?.abort();
    this.#request = null;
  }
}
