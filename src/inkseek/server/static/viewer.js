// One photo, large: what it is, how sure the search is, what to do with it, and its neighbours.

import { describe } from "./card.js";
import { Details } from "./details.js";
import { find } from "./dom.js";

const SIDE = 1600;
const LEAST_SWIPE = 60;

export class Viewer {
  #dialog = find("viewer");
  #hits = [];
  #at = 0;
  #why;
  #actions;
  #details = new Details();

  // `actions`: closed(index), toggle(kind, hit), has(kind, hit), findLike(hit).
  constructor(why, actions) {
    this.#why = why;
    this.#actions = actions;
    find("why").addEventListener("click", () => this.#toggleWhy());
    find("viewer-photo").addEventListener("click", () => this.#toggleWhy());
    find("viewer-back").addEventListener("click", () => this.#go(-1));
    find("viewer-on").addEventListener("click", () => this.#go(1));
    find("viewer-like").addEventListener("click", () => this.#close(() => actions.findLike(this.#hit)));
    for (const kind of ["liked", "disliked"]) {
      find(`viewer-${kind}`).addEventListener("click", () => this.#close(() => actions.toggle(kind, this.#hit)));
    }
    this.#listenForClosing();
    this.#listenForSwipes();
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
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

  get #hit() {
    return this.#hits[this.#at];
  }

  #close(andThen) {
    this.#dialog.close();
    andThen();
  }

  #listenForClosing() {
    const dialog = this.#dialog;
    find("viewer-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      this.#why.hide();
      this.#actions.closed(this.#at);
    });
  }

  #listenForSwipes() {
    let start = null;
    const frame = find("viewer-frame");
    frame.addEventListener("pointerdown", (event) => (start = event.pointerType === "touch" ? event.clientX : null));
    frame.addEventListener("pointerup", (event) => {
      const moved = start === null ? 0 : event.clientX - start;
      start = null;
      if (Math.abs(moved) >= LEAST_SWIPE) this.#go(moved < 0 ? 1 : -1);
    });
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowLeft") this.#go(-1);
    else if (event.key === "ArrowRight") this.#go(1);
    else if (event.key === "w") this.#toggleWhy();
    else if (event.key === "+" || event.key === "=") find("viewer-liked").click();
    else if (event.key === "-") find("viewer-disliked").click();
  }

  #toggleWhy() {
    if (this.#why.isShown) this.#why.hide();
    else if (this.#why.isPossible) this.#why.show(this.#hit);
  }

  #go(step) {
    const next = this.#at + step;
    if (next >= 0 && next < this.#hits.length) {
      this.#at = next;
      this.#show();
    }
  }

  #show() {
    const hit = this.#hit;
    const { words, percent, alike } = describe(hit);
    this.#showPhoto(hit);
    find("viewer-name").textContent = hit.name;
    const similarity = hit.confidence === null ? "" : `similarity ${hit.similarity.toFixed(2)}`;
    const facts = [[words, percent].filter(Boolean).join(", "), similarity, alike];
    find("viewer-facts").textContent = facts.filter(Boolean).join(" · ");
    find("viewer-original").href = hit.photo;
    this.#details.show(hit);
    const explained = this.#why.isShown;
    this.#why.hide();
    find("why").hidden = !this.#why.isPossible;
    if (explained) this.#why.show(hit);
    for (const kind of ["liked", "disliked"]) {
      find(`viewer-${kind}`).setAttribute("aria-pressed", this.#actions.has(kind, hit));
    }
    find("viewer-back").disabled = this.#at === 0;
    find("viewer-on").disabled = this.#at === this.#hits.length - 1;
  }

  // The small picture is there at once; the large one takes its place when it is.
  #showPhoto(hit) {
    const photo = find("viewer-photo");
    photo.src = hit.thumbnail;
    photo.alt = hit.name;
    const large = new Image();
    large.onload = () => {
      if (this.#hit === hit) photo.src = large.src;
    };
    // The address may carry a ticket already.
    large.src = `${hit.thumbnail}${hit.thumbnail.includes("?") ? "&" : "?"}side=${SIDE}`;
  }
}
