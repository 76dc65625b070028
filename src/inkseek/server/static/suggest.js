// Drawings that one may have meant, drawn by the service once the pen rests. A click takes one.

import { count, find, make, makeShape } from "./dom.js";
import { CANVAS, fitToCanvas, round, toPath } from "./ink.js";
import { post } from "./service.js";

const REST_MILLISECONDS = 600;
const MOST = 4;

export class Suggest {
  #pad;
  #isAllowed;
  #onChoose;
  #isOffered = false;
  #timer = null;
  #request = null;
  // The drawing that was asked about, or is to be, and what came of it.
  #drawing = null;
  #sketches = [];

  // `isAllowed` says whether the drawing may leave this device, `onChoose` gets the strokes.
  constructor(pad, isAllowed, onChoose) {
    this.#pad = pad;
    this.#isAllowed = isAllowed;
    this.#onChoose = onChoose;
    find("suggest").addEventListener("change", () => this.update());
  }

  // Only a service that has a model for it can.
  offer(isOffered) {
    this.#isOffered = isOffered;
    find("suggest-switch").hidden = find("suggest-key").hidden = !isOffered;
    this.update();
  }

  focus() {
    find("suggested-list").querySelector("button")?.focus();
  }

  // The drawing changed, or whether it may leave.
  update() {
    const { strokes } = this.#pad;
    if (!this.#isPossible) this.#forget();
    // One of several may be tried after another: they stay while one of them is on the pad.
    else if (this.#sketches.includes(strokes)) this.#stop();
    else if (strokes !== this.#drawing) this.#wait(strokes);
    this.#mark();
  }

  get #isPossible() {
    return this.#isOffered && find("suggest").checked && this.#isAllowed() && !this.#pad.isEmpty;
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }

  #forget() {
    this.#stop();
    this.#drawing = null;
    this.#show([]);
  }

  // The search goes first, and the next stroke too.
  #wait(strokes) {
    this.#stop();
    this.#drawing = strokes;
    const isBusy = () => this.#pad.isDrawing || document.body.classList.contains("busy");
    this.#timer = setTimeout(() => (isBusy() ? this.#wait(strokes) : this.#ask(strokes)), REST_MILLISECONDS);
  }

  async #ask(strokes) {
    const request = (this.#request = new AbortController());
    const body = { sketch: { canvas_size: CANVAS, strokes }, count: MOST };
    try {
      const { sketches } = await post("/api/suggest", body, { signal: request.signal });
      if (this.#request === request) this.#show(sketches.map(toStrokes));
    } catch {
      // Nobody asked for them, so a failure is none of anybody's business.
      if (this.#request === request) this.#show([]);
    }
  }

  #show(sketches) {
    const hadFocus = find("suggested").contains(document.activeElement);
    this.#sketches = sketches;
    find("suggested-list").replaceChildren(...sketches.map((strokes, i) => this.#makeTile(strokes, i)));
    find("suggested").hidden = !sketches.length;
    find("suggested-told").textContent = sketches.length ? `${count(sketches.length, "drawing")} suggested` : "";
    this.#mark();
    if (hadFocus) this.focus();
  }

  #makeTile(strokes, index) {
    const drawing = makeShape("svg", { viewBox: `0 0 ${CANVAS} ${CANVAS}`, "aria-hidden": "true" });
    const lines = fitToCanvas(strokes).map((stroke) => makeShape("polyline", { points: toPath(stroke) }));
    drawing.append(...lines);
    const name = `Suggested drawing ${index + 1}`;
    const tile = make("button", { type: "button", title: "Take this drawing", ariaLabel: name }, drawing);
    tile.addEventListener("click", () => this.#onChoose(strokes));
    return make("li", {}, tile);
  }

  #mark() {
    const at = this.#sketches.indexOf(this.#pad.strokes);
    for (const [i, tile] of find("suggested-list").querySelectorAll("button").entries()) {
      tile.setAttribute("aria-pressed", i === at);
    }
  }
}

function toStrokes({ strokes }) {
  return strokes.map((stroke) => stroke.map((point) => point.map(round)));
}
