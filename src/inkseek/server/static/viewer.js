// One photo, large: what it is, how sure the search is, and the way to its neighbours.

import { describe } from "./results.js";

const SIDE = 1600;
const find = (id) => document.getElementById(id);

export class Viewer {
  #dialog = find("viewer");
  #hits = [];
  #at = 0;
  #why;

  constructor(onClose, why) {
    const dialog = this.#dialog;
    this.#why = why;
    find("why").addEventListener("click", () => {
      if (why.isShown) why.hide();
      else why.show(this.#hits[this.#at]);
    });
    find("viewer-back").addEventListener("click", () => this.#go(-1));
    find("viewer-on").addEventListener("click", () => this.#go(1));
    find("viewer-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      why.hide();
      onClose(this.#at);
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.#go(-1);
      else if (event.key === "ArrowRight") this.#go(1);
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  open(hits, index) {
    this.#hits = hits;
    this.#at = index;
    this.#show();
    this.#dialog.showModal();
  }

  #go(step) {
    const next = this.#at + step;
    if (next >= 0 && next < this.#hits.length) {
      this.#at = next;
      this.#show();
    }
  }

  #show() {
    const hit = this.#hits[this.#at];
    const { words, percent, alike } = describe(hit);
    const photo = find("viewer-photo");
    // The small picture is there at once; the large one takes its place when it is.
    photo.src = hit.thumbnail;
    const large = new Image();
    large.onload = () => {
      if (this.#hits[this.#at] === hit) photo.src = large.src;
    };
    large.src = `${hit.thumbnail}?side=${SIDE}`;
    photo.alt = hit.name;
    find("viewer-name").textContent = hit.name;
    const facts = [`${words}, ${percent}`, `similarity ${hit.similarity.toFixed(2)}`, alike];
    find("viewer-facts").textContent = facts.filter(Boolean).join(" · ");
    find("viewer-original").href = hit.photo;
    const explained = this.#why.isShown;
    this.#why.hide();
    if (explained) this.#why.show(hit);
    find("viewer-back").disabled = this.#at === 0;
    find("viewer-on").disabled = this.#at === this.#hits.length - 1;
  }
}
