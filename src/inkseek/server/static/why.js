// Why a photo was found: strokes in colours, and in the photo a ring where each met it.

import { CANVAS } from "./pad.js";
import { ask } from "./search.js";

const COLOURS = ["#d64541", "#1f77b4", "#2c9650", "#9458c8", "#e68c14"];
const NAMES = ["red", "blue", "green", "violet", "orange"];
const find = (id) => document.getElementById(id);

export class Why {
  #getStrokes;
  #asked = null;

  constructor(getStrokes) {
    this.#getStrokes = getStrokes;
    addEventListener("resize", () => this.#place());
  }

  get isShown() {
    return find("why").getAttribute("aria-pressed") === "true";
  }

  // Ask about a hit and draw the answer over its photo.
  async show(hit) {
    const asked = (this.#asked = hit);
    find("why").setAttribute("aria-pressed", "true");
    const strokes = this.#getStrokes();
    try {
      const sketch = { canvas_size: CANVAS, strokes };
      const answer = await ask("/api/explain", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ sketch, photo_id: hit.photo_id }),
      });
      if (this.#asked !== asked) return;
      draw(strokes, answer.strokes);
      this.#place();
      find("why-words").textContent = describe(answer.strokes);
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

  // The photo stands in the middle of its box, the network's square in the middle of the photo.
  #place() {
    const photo = find("viewer-photo");
    if (!photo.naturalWidth) return;
    const { clientWidth: width, clientHeight: height } = photo;
    const scale = Math.min(width / photo.naturalWidth, height / photo.naturalHeight);
    const side = scale * Math.max(photo.naturalWidth, photo.naturalHeight);
    const { style } = find("why-photo");
    style.width = style.height = `${side}px`;
    style.left = `${(width - side) / 2}px`;
    style.top = `${(height - side) / 2}px`;
  }
}

function draw(strokes, matches) {
  const ranked = rank(matches);
  const rings = ranked.map((t, i) => {
    const ring = make("circle", { cx: matches[t].left, cy: matches[t].top, r: 0.07 });
    ring.style.stroke = COLOURS[i];
    return ring;
  });
  find("why-photo").replaceChildren(...rings);
  const lines = strokes.map((points, t) => {
    const path = points.map(([x, y]) => `${x},${y}`).join(" ");
    const line = make("polyline", { points: points.length > 1 ? path : `${path} ${path}` });
    const place = ranked.indexOf(t);
    if (place >= 0) line.style.stroke = COLOURS[place];
    return line;
  });
  find("why-sketch").replaceChildren(...lines);
}

function describe(matches) {
  const ranked = rank(matches);
  if (!ranked.length) return "No stroke speaks for this photo by itself.";
  const parts = ranked.map((t, i) => `${NAMES[i]} stroke ${where(matches[t])}`);
  return `What speaks for it, most first: ${parts.join("; ")}.`;
}

function where({ left, top }) {
  const down = top < 0.34 ? "top" : top > 0.66 ? "bottom" : "middle";
  const across = left < 0.34 ? "left" : left > 0.66 ? "right" : "centre";
  return down === "middle" && across === "centre" ? "in the middle" : `at the ${down} ${across}`;
}

// The strokes that add to the similarity, the one that adds most first.
function rank(matches) {
  return matches
    .map((match, t) => [match.adds, t])
    .filter(([adds]) => adds > 0)
    .sort(([a], [b]) => b - a)
    .slice(0, COLOURS.length)
    .map(([, t]) => t);
}

function make(tag, attributes) {
  const element = document.createElementNS(find("why-photo").namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
