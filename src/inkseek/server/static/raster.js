// Strokes to pixels: the twin of raster/draw.py, which says what is computed and why.
//
// Both round coordinates to float32 and then use only +, -, *, / and sqrt on doubles, in the same
// order. IEEE 754 fixes what these give, so the pixels are equal, not only alike. Change one file
// and you change the other; tests/browser/test_raster.py compares them.

const FAINTEST_INK = 0.499 / 255;

// One sketch, fitted to the canvas, in black (0) on white (255): canvasSize x canvasSize bytes, row
// by row. Strokes are arrays of [x, y, ...]; the pen's width and the margin are shares of the side.
export function draw(strokes, canvasSize, { penWidth = 3 / 256, margin = 1 / 16 } = {}) {
  if (!Number.isInteger(canvasSize) || canvasSize < 1) {
    throw new RangeError(`the canvas size is ${canvasSize}, but must be a whole number of pixels`);
  }
  const image = new Uint8Array(canvasSize * canvasSize).fill(255);
  const lines = strokes.filter((stroke) => stroke.length).map(toFloat32);
  if (!lines.length) return image;
  const { scale, shiftX, shiftY } = fit(lines, canvasSize, margin);
  const width = penWidth * canvasSize;
  for (const line of lines) {
    let x0 = line[0] * scale + shiftX;
    let y0 = line[1] * scale + shiftY;
    if (line.length === 2) drawSegment(x0, y0, x0, y0, width, image, canvasSize);
    for (let i = 2; i < line.length; i += 2) {
      const x1 = line[i] * scale + shiftX;
      const y1 = line[i + 1] * scale + shiftY;
      drawSegment(x0, y0, x1, y1, width, image, canvasSize);
      x0 = x1;
      y0 = y1;
    }
  }
  return image;
}

// A stroke as x, y, x, y, ...
export function toFloat32(stroke) {
  const line = new Float32Array(2 * stroke.length);
  stroke.forEach(([x, y], i) => {
    line[2 * i] = x;
    line[2 * i + 1] = y;
  });
  if (!line.every(Number.isFinite)) throw new RangeError("a coordinate of the sketch is not finite");
  return line;
}

// What scales the bounds of all strokes to the canvas less the margin, and centres them.
function fit(lines, side, margin) {
  let lowX = Infinity;
  let highX = -Infinity;
  let lowY = Infinity;
  let highY = -Infinity;
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      lowX = Math.min(lowX, line[i]);
      highX = Math.max(highX, line[i]);
      lowY = Math.min(lowY, line[i + 1]);
      highY = Math.max(highY, line[i + 1]);
    }
  }
  const extent = Math.max(highX - lowX, highY - lowY);
  // A dot has no extent: any finite scale centres it.
  const scale = extent > 0 ? (side * (1 - 2 * margin)) / extent : 0;
  return {
    scale,
    shiftX: side * 0.5 - (lowX + highX) * 0.5 * scale,
    shiftY: side * 0.5 - (lowY + highY) * 0.5 * scale,
  };
}

function drawSegment(x0, y0, x1, y1, width, image, side) {
  const reach = width * 0.5 + 0.5;
  const full = Math.min(width, 1);
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = dx * dx + dy * dy;
  // Less ink than half a grey level leaves no trace, so pixels beyond `far` are passed over.
  const far = reach - FAINTEST_INK;
  const far2 = far * far;
  // Pixel (column, row) has its centre at (column + 0.5, row + 0.5).
  const rowLow = Math.max(0, Math.ceil(Math.min(y0, y1) - far - 0.5));
  const rowHigh = Math.min(side - 1, Math.floor(Math.max(y0, y1) + far - 0.5));
  const columnLow = Math.max(0, Math.ceil(Math.min(x0, x1) - far - 0.5));
  const columnHigh = Math.min(side - 1, Math.floor(Math.max(x0, x1) + far - 0.5));
  // Of a long line's box only the strip around it is walked.
  const isSteep = Math.abs(dy) > 0.5;
  const slope = isSteep ? dx / dy : 0;
  const halfStrip = far * Math.sqrt(1 + slope * slope);
  let first = columnLow;
  let last = columnHigh;
  for (let row = rowLow; row <= rowHigh; row += 1) {
    const py = row + 0.5 - y0;
    if (isSteep) {
      const middle = x0 + py * slope - 0.5;
      first = Math.max(columnLow, Math.ceil(middle - halfStrip));
      last = Math.min(columnHigh, Math.floor(middle + halfStrip));
    }
    for (let column = first; column <= last; column += 1) {
      const px = column + 0.5 - x0;
      const along = px * dx + py * dy;
      let ex = px;
      let ey = py;
      if (along > 0) {
        const t = along >= length2 ? 1 : along / length2;
        ex = px - t * dx;
        ey = py - t * dy;
      }
      const distance2 = ex * ex + ey * ey;
      if (distance2 < far2) {
        const ink = Math.min(reach - Math.sqrt(distance2), full);
        const value = 255 - Math.trunc(ink * 255 + 0.5);
        const at = row * side + column;
        if (value < image[at]) image[at] = value;
      }
    }
  }
}
