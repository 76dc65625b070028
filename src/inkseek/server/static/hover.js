// The explanation while the mouse rests on a photo: the strokes on the pad take colours, and rings in
// the photo show where each met it.

import { find, makeShape } from "./dom.js";
import { explain, layOver, makeLines, makeRings } from "./explain.js";

// A mouse on its way elsewhere asks nothing.
const REST_MILLISECONDS = 350;

export class Hover {
  #results;
  #getStrokes;
  #timer = null;
  #index = -1;
  #rings = makeShape("svg", { viewBox: "0 0 1 1", class: "rings", "aria-hidden": "true" });

  constructor(results, getStrokes) {
    this.#results = results;
    this.#getStrokes = getStrokes;
    const list = find("results");
    list.addEventListener("pointermove", (event) => this.#enter(event));
    list.addEventListener("pointerleave", () => this.hide());
  }

  hide() {
    clearTimeout(this.#timer);
    this.#index = -1;
    this.#rings.remove();
    find("pad-why").replaceChildren();
    document.body.classList.remove("explaining");
  }

  #enter(event) {
    // A finger has the viewer for it. Photos that come to lie under a mouse at rest explain nothing.
    if (event.pointerType === "touch" || !(event.movementX || event.movementY)) return;
    const index = this.#results.indexOf(event.target);
    if (index === this.#index) return;
    this.hide();
    if (index < 0) return;
    this.#index = index;
    this.#timer = setTimeout(() => this.#show(index), REST_MILLISECONDS);
  }

  async #show(index) {
    const [hit, strokes] = [this.#results.hits[index], this.#getStrokes()];
    if (!hit || !strokes.length) return;
    // A hover is no question: what cannot be explained is told when one asks in the viewer.
    const matches = await explain(strokes, hit).catch(() => null);
    const isStill = this.#index === index && this.#results.hits[index] === hit && this.#getStrokes() === strokes;
    if (!matches || !isStill) return;
    const frame = find("results").children[index].querySelector(".frame");
    this.#rings.replaceChildren(...makeRings(matches));
    frame.append(this.#rings);
    layOver(this.#rings, frame.querySelector("img"));
    find("pad-why").replaceChildren(...makeLines(strokes, matches));
    document.body.classList.add("explaining");
  }
}
