// Why a photo was found: which strokes speak for it, and where in the photo each met it.

import { makeShape } from "./dom.js";
import { CANVAS, toPath } from "./ink.js";
import { post } from "./service.js";

const COLOURS = ["#d64541", "#1f77b4", "#2c9650", "#9458c8", "#e68c14"];
const NAMES = ["red", "blue", "green", "violet", "orange"];
const RING = 0.07;

// Drawings are never changed in place, so each is a key for what was asked about it.
const known = new WeakMap();

// What is told of each stroke, in the order drawn: how much it adds, and where it met the photo.
export function explain(strokes, hit) {
  if (!known.has(strokes)) known.set(strokes, new Map());
  const answers = known.get(strokes);
  if (!answers.has(hit.photo_id)) {
    const body = { sketch: { canvas_size: CANVAS, strokes }, photo_id: hit.photo_id };
    const answer = post("/api/explain", body).then(({ strokes: matches }) => matches);
    // What failed once may be asked again.
    answer.catch(() => answers.delete(hit.photo_id));
    answers.set(hit.photo_id, answer);
  }
  return answers.get(hit.photo_id);
}

export function makeRings(matches) {
  return rank(matches).map((t, i) => {
    const ring = makeShape("circle", { cx: matches[t].left, cy: matches[t].top, r: RING });
    ring.style.stroke = COLOURS[i];
    return ring;
  });
}

// The drawing, in which the strokes that speak for the photo have colours.
export function makeLines(strokes, matches) {
  const ranked = rank(matches);
  return strokes.map((stroke, t) => {
    const line = makeShape("polyline", { points: toPath(stroke) });
    const place = ranked.indexOf(t);
    if (place >= 0) line.style.stroke = COLOURS[place];
    return line;
  });
}

export function tell(matches) {
  const ranked = rank(matches);
  if (!ranked.length) return "No stroke speaks for this photo by itself.";
  const parts = ranked.map((t, i) => `${NAMES[i]} stroke ${where(matches[t])}`);
  return `What speaks for it, most first: ${parts.join("; ")}.`;
}

// Lay the network's square, in which a photo stands in the middle, over the photo on the page,
// which stands in the middle of its box.
export function layOver(svg, image) {
  if (!image.naturalWidth) return;
  const { clientWidth: width, clientHeight: height } = image;
  const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  const side = scale * Math.max(image.naturalWidth, image.naturalHeight);
  svg.style.width = svg.style.height = `${side}px`;
  svg.style.left = `${(width - side) / 2}px`;
  svg.style.top = `${(height - side) / 2}px`;
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
