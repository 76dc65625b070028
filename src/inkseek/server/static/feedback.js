// Photos that were said to be like what is meant, or not: they move the query, and can be taken back.

import { makeChip, showChips } from "./chips.js";
import { find } from "./dom.js";
import { nameOf } from "./card.js";

const MOST = 50;
const KINDS = {
  liked: { text: "More like", other: "disliked" },
  disliked: { text: "Not", other: "liked" },
};

export class Feedback {
  #hits = { liked: [], disliked: [] };
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get ids() {
    const entries = Object.entries(this.#hits).filter(([, hits]) => hits.length);
    return Object.fromEntries(entries.map(([kind, hits]) => [kind, hits.map((hit) => hit.photo_id)]));
  }

  get count() {
    return this.#hits.liked.length + this.#hits.disliked.length;
  }

  has(kind, hit) {
    return this.#hits[kind].some((other) => other.photo_id === hit.photo_id);
  }

  // Say it, or take it back. A photo cannot be both.
  toggle(kind, hit) {
    const isTakenBack = this.has(kind, hit);
    this.#remove(kind, hit);
    this.#remove(KINDS[kind].other, hit);
    if (!isTakenBack) this.#hits[kind] = [...this.#hits[kind], hit].slice(-MOST);
    this.#show();
    this.#onChange();
  }

  // Another drawing starts without what was said of the last one.
  clear() {
    this.#hits = { liked: [], disliked: [] };
    this.#show();
  }

  #remove(kind, hit) {
    this.#hits[kind] = this.#hits[kind].filter((other) => other.photo_id !== hit.photo_id);
  }

  #show() {
    const chips = Object.entries(this.#hits).flatMap(([kind, hits]) =>
      hits.map((hit) => {
        const { text } = KINDS[kind];
        const look = { text, label: `${text} ${nameOf(hit)}`, thumbnail: hit.thumbnail, kind };
        return makeChip(look, () => this.toggle(kind, hit));
      }),
    );
    showChips(find("steered"), chips);
  }
}
