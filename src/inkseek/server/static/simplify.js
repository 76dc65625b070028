// Fewer points for the same drawing: the twin of strokes/simplify.py, which says what is computed.
//
// Lines are Float32Arrays of x, y, x, y, ... Both files use only +, -, *, / and sqrt on doubles, in
// the same order, so that the same points stay. Change one file and you change the other;
// tests/browser/test_selector.py compares them.

// At most `maxPoints` points over all lines, by Douglas and Peucker 1973 with one tolerance for all.
// Where not even the ends of all lines fit, the shortest lines go.
export function simplifyToBudget(lines, maxPoints) {
  const kept = dropShortest(lines, maxPoints);
  return countPoints(kept) <= maxPoints ? kept : keepFarthest(kept, maxPoints);
}

function countPoints(lines) {
  return lines.reduce((sum, line) => sum + line.length / 2, 0);
}

function dropShortest(lines, maxPoints) {
  const ends = lines.map((line) => Math.min(line.length / 2, 2));
  if (ends.reduce((a, b) => a + b, 0) <= maxPoints) return lines;
  const lengths = lines.map(measure);
  const longestFirst = lines.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a]);
  const isKept = new Set();
  let numEnds = 0;
  for (const i of longestFirst) {
    numEnds += ends[i];
    if (numEnds > maxPoints) break;
    isKept.add(i);
  }
  return lines.filter((_, i) => isKept.has(i));
}

function measure(line) {
  let length = 0;
  for (let i = 2; i < line.length; i += 2) {
    const dx = line[i] - line[i - 2];
    const dy = line[i + 1] - line[i - 1];
    length += Math.sqrt(dx * dx + dy * dy);
  }
  return length;
}

// Spans are split at their farthest points, the largest deviation first, until enough points stay.
function keepFarthest(lines, maxPoints) {
  const tolerances = lines.map((line) => new Float64Array(line.length / 2));
  const spans = [];
  let numKept = 0;
  lines.forEach((line, i) => {
    const last = line.length / 2 - 1;
    tolerances[i][0] = tolerances[i][last] = Infinity;
    numKept += Math.min(last + 1, 2);
    if (last > 1) spans.push(makeSpan(lines, i, 0, last, Infinity));
  });
  while (spans.length && numKept < maxPoints) {
    const next = findDeepest(spans);
    const { i, first, middle, last, distance } = spans[next];
    spans.splice(next, 1);
    tolerances[i][middle] = distance;
    numKept += 1;
    if (middle - first > 1) spans.push(makeSpan(lines, i, first, middle, distance));
    if (last - middle > 1) spans.push(makeSpan(lines, i, middle, last, distance));
  }
  // Points as near as the first one left out go as well.
  const least = spans.length ? spans[findDeepest(spans)].distance : 0;
  return lines.map((line, i) => line.filter((_, at) => tolerances[i][at >> 1] > least));
}

// No point is farther than the one at which the span around it was split.
function makeSpan(lines, i, first, last, limit) {
  const { middle, distance } = findFarthest(lines[i], first, last);
  return { i, first, middle, last, distance: Math.min(distance, limit) };
}

// Which of several equally deep ones does not matter: their points stay, or go, together.
function findDeepest(spans) {
  let best = 0;
  for (let at = 1; at < spans.length; at += 1) {
    if (spans[at].distance > spans[best].distance) best = at;
  }
  return best;
}

// The inner point farthest from the segment between two points.
function findFarthest(line, first, last) {
  const x = line[2 * first];
  const y = line[2 * first + 1];
  const dx = line[2 * last] - x;
  const dy = line[2 * last + 1] - y;
  const length2 = dx * dx + dy * dy;
  let middle = first + 1;
  let largest = -1;
  for (let at = first + 1; at < last; at += 1) {
    const px = line[2 * at] - x;
    const py = line[2 * at + 1] - y;
    const t = length2 > 0 ? Math.min(Math.max((px * dx + py * dy) / length2, 0), 1) : 0;
    const ex = px - t * dx;
    const ey = py - t * dy;
    const distance2 = ex * ex + ey * ey;
    if (distance2 > largest) {
      largest = distance2;
      middle = at;
    }
  }
  return { middle, distance: Math.sqrt(largest) };
}
