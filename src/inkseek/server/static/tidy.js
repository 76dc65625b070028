// Misplaced strokes put right by the service; the drawing before and after can be compared.

import { count, find, makeShape } from "./dom.js";
import { CANVAS, round, toPath } from "./ink.js";
import { post } from "./service.js";
import { tell } from "./status.js";

// A stroke that moves by a smaller share of the pad stays, to the eye, where it is.
const LEAST_MOVE = 0.01;
// The first stroke stays where it is, so one alone has nowhere to go.
const LEAST_STROKES = 2;

export class Tidy {
  #pad;
  #isAllowed;
  #isAsking = false;
  // The drawing before and after, while the pad shows one of them.
  #pair = null;

  // `isAllowed` says whether the drawing may leave this device.
  constructor(pad, isAllowed) {
    this.#pad = pad;
    this.#isAllowed = isAllowed;
    find("tidy").addEventListener("click", () => this.#run());
    // Before and after are neighbours in the history of the drawing.
    find("tidied-before").addEventListener("click", () => (this.#isBefore ? pad.redo() : pad.undo()));
  }

  // There is a button only where the service has a model for it.
  offer(isOffered) {
    find("tidy").hidden = find("tidy-key").hidden = !isOffered;
    this.update();
  }

  // The drawing changed, or whether it may leave.
  update() {
    find("tidy").disabled = !this.#isPossible;
    const { strokes } = this.#pad;
    if (this.#pair && !Object.values(this.#pair).includes(strokes)) this.#pair = null;
    find("tidied").hidden = !this.#pair;
    find("tidied-before").setAttribute("aria-pressed", this.#isBefore);
    const other = this.#isBefore ? this.#pair?.after : this.#pair?.before;
    const ghosts = (other ?? []).filter((stroke, i) => !isNear(stroke, strokes[i]));
    find("pad-other").replaceChildren(...ghosts.map((stroke) => makeShape("polyline", { points: toPath(stroke) })));
  }

  get #isBefore() {
    return this.#pair?.before === this.#pad.strokes;
  }

  get #isPossible() {
    return !find("tidy").hidden && this.#isAllowed() && this.#pad.strokes.length >= LEAST_STROKES;
  }

  async #run() {
    if (this.#isAsking || !this.#isPossible) return;
    this.#isAsking = true;
    const before = this.#pad.strokes;
    tell("Putting strokes in place …");
    try {
      const { strokes } = await post("/api/tidy", { sketch: { canvas_size: CANVAS, strokes: before } });
      // What was drawn in the meantime counts.
      if (this.#pad.strokes === before) this.#take(before, strokes.map((stroke) => stroke.map((point) => point.map(round))));
    } catch (error) {
      tell(error.message, "problem");
    } finally {
      this.#isAsking = false;
    }
  }

  #take(before, after) {
    const moved = after.filter((stroke, i) => !isNear(stroke, before[i])).length;
    if (!moved) {
      tell("Every stroke is in its place already.");
      return;
    }
    this.#pair = { before, after };
    find("tidied-text").textContent = `${moved} of ${count(before.length, "stroke")} moved`;
    this.#pad.load(after, { fitted: false });
  }
}

function isNear([[x, y]], [[otherX, otherY]]) {
  return Math.hypot(x - otherX, y - otherY) < LEAST_MOVE * CANVAS;
}
