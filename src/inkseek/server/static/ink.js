// How strokes look and where they are, in a square of CANVAS units.

import { distanceToLine } from "./geometry.js";

export const CANVAS = 512;
export const PEN_WIDTH = 0.014 * CANVAS;
const FILLED_SHARE = 0.8;
// Corners of a drawing with few points stay corners; between the many points of a hand the curve
// goes through the middles of the steps.
const ROUNDING = 5;

export function round(value) {
  return Math.round(10 * value) / 10;
}

// Scaled to the middle of the square.
export function fitToCanvas(strokes) {
  const points = strokes.flat();
  const range = (axis) =>
    points.reduce(
      ([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])],
      [Infinity, -Infinity],
    );
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  const scale = (FILLED_SHARE * CANVAS) / Math.max(right - left, bottom - top, 1e-6);
  const place = ([x, y]) => [
    round(CANVAS / 2 + (x - (left + right) / 2) * scale),
    round(CANVAS / 2 + (y - (top + bottom) / 2) * scale),
  ];
  return strokes.map((stroke) => stroke.map(place));
}

export function trace(context, stroke) {
  context.beginPath();
  context.moveTo(...stroke[0]);
  for (let i = 1; i < stroke.length - 1; i += 1) {
    context.lineTo(...towards(stroke[i], stroke[i - 1]));
    context.quadraticCurveTo(...stroke[i], ...towards(stroke[i], stroke[i + 1]));
  }
  context.lineTo(...stroke.at(-1));
  context.stroke();
}

function towards([x, y], [otherX, otherY]) {
  const length = Math.hypot(otherX - x, otherY - y) || 1;
  const share = Math.min(0.5, ROUNDING / length);
  return [x + share * (otherX - x), y + share * (otherY - y)];
}

// The stroke that lies within `reach` of a point, the newest first; -1 when there is none.
export function findStroke(strokes, point, reach) {
  return strokes.findLastIndex((stroke) =>
    stroke.some((end, i) => distanceToLine(point, stroke[Math.max(0, i - 1)], end) <= reach),
  );
}

export function toPath(stroke) {
  const path = stroke.map(([x, y]) => `${x},${y}`).join(" ");
  // A dot is a line to itself, which a round cap makes visible.
  return stroke.length > 1 ? path : `${path} ${path}`;
}
