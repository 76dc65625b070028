// The explanation in the viewer: the drawing in colours, and rings in the photo.

import { find } from "./dom.js";
import { explain, layOver, makeLines, makeRings, tell } from "./explain.js";

export class Why {
  #getStrokes;
  #asked = null;

  // `getStrokes` gives the drawing that the hits answer; an empty one explains nothing.
  constructor(getStrokes) {
    this.#getStrokes = getStrokes;
    addEventListener("resize", () => layOver(find("why-photo"), find("viewer-photo")));
    find("viewer-photo").addEventListener("load", () => layOver(find("why-photo"), find("viewer-photo")));
  }

  get isShown() {
    return find("why").getAttribute("aria-pressed") === "true";
  }

  get isPossible() {
    return this.#getStrokes().length > 0;
  }

  // Ask about a hit and draw the answer over its photo.
  async show(hit) {
    const asked = (this.#asked = hit);
    find("why").setAttribute("aria-pressed", "true");
    const strokes = this.#getStrokes();
    find("why-words").textContent = "Looking …";
    try {
      const matches = await explain(strokes, hit);
      if (this.#asked !== asked) return;
      find("why-photo").replaceChildren(...makeRings(matches));
      find("why-sketch").replaceChildren(...makeLines(strokes, matches));
      layOver(find("why-photo"), find("viewer-photo"));
      find("why-words").textContent = tell(matches);
    } catch (error) {
      if (this.#asked === asked) find("why-words").textContent = error.message;
    }
  }

  hide() {
    this.#asked = null;
    find("why").setAttribute("aria-pressed", "false");
    find("why-photo").replaceChildren();
    find("why-sketch").replaceChildren();
    find("why-words").textContent = "";
  }
}
