// The drawing pad: strokes by mouse, pen or touch.
//
// Coordinates are kept in a square of CANVAS units, whatever size the pad has on the screen.

import { History } from "./history.js";

export const CANVAS = 512;
const PEN_WIDTH = 0.014 * CANVAS;
const LEAST_STEP = 0.75;
const FILLED_SHARE = 0.8;
// A palm that rests beside a pen must not draw; it may land before the pen does, or after it left.
const PALM_MILLISECONDS = 1000;

export class Pad {
  #canvas;
  #context;
  #finished = document.createElement("canvas");
  #onChange;
  #history = new History();
  #stroke = null;
  #pointer = null;
  #penSeen = -Infinity;

  constructor(canvas, onChange) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#onChange = onChange;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    // A stroke that the system takes over was drawn all the same, and is kept.
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#end(event));
    }
    // A long press must not open a menu in the middle of a stroke.
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    new ResizeObserver(() => this.#resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  get strokes() {
    return this.#history.current;
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  get isDrawing() {
    return this.#stroke !== null;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  undo() {
    if (this.canUndo) this.#change(() => this.#history.undo());
  }

  redo() {
    if (this.canRedo) this.#change(() => this.#history.redo());
  }

  clear() {
    if (!this.isEmpty) this.#change(() => this.#history.push([]));
  }

  // Strokes from elsewhere, scaled to the middle of the pad.
  load(strokes) {
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
    this.#change(() => this.#history.push(strokes.map((stroke) => stroke.map(place))));
  }

  #change(edit) {
    this.#stroke = this.#pointer = null;
    edit();
    this.#redraw();
    this.#onChange();
  }

  #begin(event) {
    const isPen = event.pointerType === "pen";
    if (isPen) this.#seePen(event);
    if (event.button !== 0 || this.#isPalm(event) || this.#pointer !== null) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#stroke = [this.#locate(event)];
    this.#paint();
  }

  // The pen has the word: what a palm began before it came is taken back.
  #seePen(event) {
    this.#penSeen = event.timeStamp;
    if (this.#pointer !== null && this.#pointer !== event.pointerId) {
      this.#pointer = this.#stroke = null;
      this.#paint();
    }
  }

  #isPalm(event) {
    return event.pointerType === "touch" && event.timeStamp - this.#penSeen < PALM_MILLISECONDS;
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#pointer) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) {
      const [x, y] = this.#locate(step);
      const [lastX, lastY] = this.#stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= LEAST_STEP) this.#stroke.push([x, y]);
    }
    this.#paint();
  }

  #end(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#pointer) return;
    const drawing = [...this.strokes, this.#stroke];
    this.#change(() => this.#history.push(drawing));
  }

  #locate(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = CANVAS / box.width;
    return [round((event.clientX - box.left) * scale), round((event.clientY - box.top) * scale)];
  }

  #resize() {
    const side = Math.max(1, Math.round(this.#canvas.clientWidth * devicePixelRatio));
    for (const canvas of [this.#canvas, this.#finished]) canvas.width = canvas.height = side;
    this.#redraw();
  }

  #redraw() {
    const context = this.#finished.getContext("2d");
    this.#prepare(context);
    for (const stroke of this.strokes) trace(context, stroke);
    this.#paint();
  }

  // Finished strokes are copied as pixels, so that a long drawing does not slow the pen down.
  #paint() {
    this.#prepare(this.#context);
    this.#context.drawImage(this.#finished, 0, 0, CANVAS, CANVAS);
    if (this.#stroke) trace(this.#context, this.#stroke);
  }

  #prepare(context) {
    const scale = this.#canvas.width / CANVAS;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, CANVAS, CANVAS);
    context.lineWidth = PEN_WIDTH;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = getComputedStyle(this.#canvas).color;
  }
}

function round(value) {
  return Math.round(10 * value) / 10;
}

// Curves through the middles of the steps look as smooth as the hand was.
function trace(context, stroke) {
  context.beginPath();
  context.moveTo(...stroke[0]);
  for (let i = 1; i < stroke.length - 1; i += 1) {
    const [x, y] = stroke[i];
    const [nextX, nextY] = stroke[i + 1];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...stroke.at(-1));
  context.stroke();
}
