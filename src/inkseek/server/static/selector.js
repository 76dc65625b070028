// The canvas of a drawing, from its strokes alone: the twin of selector.py, with the same network.

import { toFloat32 } from "./raster.js";
import { simplifyToBudget } from "./simplify.js";

const ROW = 5;
const [DOWN, UP, END] = [2, 3, 4];
const LARGEST_CANVAS = 2048;
const MOST_POINTS = 10_000;

// Open the selector of a model folder. `createSession` makes a session of onnxruntime-web out of the
// bytes of selector.onnx. What comes back makes {canvasSize, gflops} out of strokes; its FLOPs are
// those of selector and student together.
export async function openSelector(ort, createSession, network, card) {
  checkCard(card);
  const { canvas_sizes: sizes, gflops_per_point: gflopsPerPoint } = card.selector;
  const session = await createSession(network).catch((error) => {
    throw new Error(`the network that chooses the canvas does not load (${error.message})`);
  });
  return async (strokes) => {
    const rows = readPoints(strokes, card.selector);
    const length = rows.length / ROW;
    const { policy } = await session.run({ rows: new ort.Tensor("float32", rows, [1, length, ROW]) });
    const canvasSize = sizes[findLargest(policy?.data, sizes.length)];
    return { canvasSize, gflops: card.gflops[canvasSize] + gflopsPerPoint * length };
  };
}

// A drawing as the selector reads it, row by row: x and y on a unit canvas, then whether the pen goes
// on, is lifted, or has ended the drawing. At most `max_points` rows; `margin` is a share of the side.
export function readPoints(strokes, { max_points: maxPoints, margin }) {
  const lines = strokes.filter((stroke) => stroke.length).map(toFloat32);
  const kept = simplifyToBudget(fit(lines, margin), maxPoints);
  const rows = new Float32Array(ROW * kept.reduce((sum, line) => sum + line.length / 2, 0));
  let at = 0;
  for (const line of kept) {
    for (let i = 0; i < line.length; i += 2, at += ROW) {
      rows[at] = line[i];
      rows[at + 1] = line[i + 1];
      rows[at + (i === line.length - 2 ? UP : DOWN)] = 1;
    }
  }
  rows[at - ROW + UP] = 0;
  rows[at - ROW + END] = 1;
  return rows;
}

// `fit` of strokes/geometry.py, for a canvas of side 1.
function fit(lines, margin) {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (const line of lines) {
    line.forEach((value, i) => {
      low[i & 1] = Math.min(low[i & 1], value);
      high[i & 1] = Math.max(high[i & 1], value);
    });
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1]);
  // A dot has no extent: any finite scale centres it.
  const scale = extent > 0 ? (1 - 2 * margin) / extent : 0;
  const centre = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  return lines.map((line) => line.map((value, i) => (value - centre[i & 1]) * scale + 0.5));
}

// A card that is not of this format must not make the page draw on a canvas without end.
function checkCard({ selector, gflops }) {
  const { canvas_sizes: sizes, max_points: maxPoints, margin } = selector;
  const isWhole = (value, least, most) => Number.isInteger(value) && value >= least && value <= most;
  const isGood =
    Array.isArray(sizes) &&
    sizes.length > 0 &&
    sizes.every((size) => isWhole(size, 1, LARGEST_CANVAS) && Number.isFinite(gflops?.[size])) &&
    isWhole(maxPoints, 2, MOST_POINTS) &&
    Number.isFinite(margin) &&
    margin >= 0 &&
    margin < 0.5;
  if (!isGood) throw new Error("the card of the model does not say how its canvas is chosen");
}

function findLargest(policy, count) {
  if (policy?.length !== count || !policy.every(Number.isFinite)) {
    throw new Error("the network that chooses the canvas gives no choice");
  }
  return policy.indexOf(Math.max(...policy));
}
