// A photo whose like are looked for, in place of the drawing.

import { nameOf } from "./card.js";
import { makeChip, showChips } from "./chips.js";
import { find } from "./dom.js";

export class Sought {
  #photo = null;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get photo() {
    return this.#photo;
  }

  set photo(hit) {
    this.#photo = hit;
    const look = hit && { text: "Like this photo", label: `like ${nameOf(hit)}`, thumbnail: hit.thumbnail };
    showChips(find("sought"), hit ? [makeChip(look, () => this.set(null))] : []);
  }

  // Look for it, and say so.
  set(hit) {
    this.photo = hit;
    this.#onChange();
  }
}
