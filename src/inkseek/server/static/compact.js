// Strokes as a short text for addresses and storage, and back.
//
// Points that a line through their neighbours would miss by less than TOLERANCE are left out
// (Douglas and Peucker 1973). What remains is written as steps in half units, zigzag-coded into
// bytes of seven bits, in the base64 of RFC 4648, section 5.

import { distanceToLine } from "./geometry.js";
import { CANVAS } from "./ink.js";

const TOLERANCE = 0.6;
const PER_UNIT = 2;
const FURTHEST = 4 * CANVAS * PER_UNIT;

export function pack(strokes) {
  const bytes = [];
  let [lastX, lastY] = [0, 0];
  for (const stroke of strokes) {
    const points = simplify(stroke).map((point) => point.map((value) => Math.round(PER_UNIT * value)));
    push(bytes, points.length);
    for (const [x, y] of points) {
      push(bytes, zigzag(x - lastX));
      push(bytes, zigzag(y - lastY));
      [lastX, lastY] = [x, y];
    }
  }
  const text = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The strokes, or null for a text that `pack` did not write.
export function unpack(text) {
  try {
    const bytes = [...atob(text.replaceAll("-", "+").replaceAll("_", "/"))].map((sign) => sign.charCodeAt(0));
    return read(bytes);
  } catch {
    return null;
  }
}

function read(bytes) {
  const strokes = [];
  let at = 0;
  const next = () => {
    let [value, shift] = [0, 0];
    for (let byte = 128; byte & 128; shift += 7) {
      if (at >= bytes.length || shift > 21) throw new RangeError("the text ends too early");
      byte = bytes[at++];
      value |= (byte & 127) << shift;
    }
    return value;
  };
  let [x, y] = [0, 0];
  while (at < bytes.length) {
    const length = next();
    if (length < 1) throw new RangeError("a stroke has no points");
    const stroke = [];
    for (let i = 0; i < length; i += 1) {
      x += unzigzag(next());
      y += unzigzag(next());
      if (Math.max(Math.abs(x), Math.abs(y)) > FURTHEST) throw new RangeError("a point is far away");
      stroke.push([x / PER_UNIT, y / PER_UNIT]);
    }
    strokes.push(stroke);
  }
  return strokes.length ? strokes : null;
}

function push(bytes, value) {
  for (let left = value; ; left >>>= 7) {
    if (left < 128) {
      bytes.push(left);
      return;
    }
    bytes.push((left & 127) | 128);
  }
}

const zigzag = (value) => (value << 1) ^ (value >> 31);
const unzigzag = (value) => (value >>> 1) ^ -(value & 1);

function simplify(stroke) {
  const isKept = new Set([0, stroke.length - 1]);
  const spans = [[0, stroke.length - 1]];
  while (spans.length) {
    const [first, last] = spans.pop();
    let [furthest, most] = [-1, TOLERANCE];
    for (let i = first + 1; i < last; i += 1) {
      const distance = distanceToLine(stroke[i], stroke[first], stroke[last]);
      if (distance > most) [furthest, most] = [i, distance];
    }
    if (furthest > 0) {
      isKept.add(furthest);
      spans.push([first, furthest], [furthest, last]);
    }
  }
  return stroke.filter((_, i) => isKept.has(i));
}
