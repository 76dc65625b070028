// The drawing pad: strokes by mouse, pen or touch, and an eraser that takes whole strokes away.
//
// Coordinates are kept in a square of CANVAS units, whatever size the pad has on the screen.

import { History } from "./history.js";
import { CANVAS, PEN_WIDTH, findStroke, fitToCanvas, round, trace } from "./ink.js";

const LEAST_STEP = 0.75;
// A palm that rests beside a pen must not draw; it may land before the pen does, or after it left.
const PALM_MILLISECONDS = 1000;
const ERASER_BUTTON = 5;
// How near to a stroke the eraser must come, in pixels of the screen. A finger covers what it aims at.
const REACH = { mouse: 9, pen: 9, touch: 18 };

export class Pad {
  #canvas;
  #context;
  #finished = document.createElement("canvas");
  #onChange;
  #history = new History();
  // What the pointer that is down does: draw a stroke, or erase from a drawing.
  #stroke = null;
  #erasing = null;
  #pointer = null;
  #penSeen = -Infinity;
  isEraser = false;

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
    return this.#pointer !== null;
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

  // Strokes from elsewhere: where they are, or scaled to the middle of the pad.
  load(strokes, { fitted = true } = {}) {
    this.#change(() => this.#history.push(fitted ? fitToCanvas(strokes) : strokes));
  }

  #change(edit) {
    this.#stop();
    edit();
    // The search is under way while the pad is painted.
    this.#onChange();
    this.#redraw();
  }

  #stop() {
    this.#stroke = this.#erasing = this.#pointer = null;
  }

  #begin(event) {
    if (event.pointerType === "pen") this.#seePen(event);
    const isEraserEnd = event.button === ERASER_BUTTON;
    if (event.button !== 0 && !isEraserEnd) return;
    if (this.#isPalm(event) || this.#pointer !== null) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    if (this.isEraser || isEraserEnd) {
      this.#erasing = this.strokes;
      this.#eraseAt(event);
    } else {
      this.#stroke = [this.#locate(event)];
      this.#paint();
    }
  }

  // The pen has the word: what a palm began before it came is taken back.
  #seePen(event) {
    this.#penSeen = event.timeStamp;
    if (this.#pointer !== null && this.#pointer !== event.pointerId) {
      this.#stop();
      this.#redraw();
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
      if (this.#erasing) this.#eraseAt(step);
      else this.#extend(this.#locate(step));
    }
    if (this.#stroke) this.#paint();
  }

  #extend([x, y]) {
    const [lastX, lastY] = this.#stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) >= LEAST_STEP) this.#stroke.push([x, y]);
  }

  #eraseAt(event) {
    const reach = (REACH[event.pointerType] ?? REACH.mouse) * this.#unitsPerPixel() + PEN_WIDTH / 2;
    const hit = findStroke(this.#erasing, this.#locate(event), reach);
    if (hit < 0) return;
    this.#erasing = this.#erasing.filter((_, i) => i !== hit);
    this.#redraw(this.#erasing);
  }

  #end(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#pointer) return;
    const drawing = this.#erasing ?? [...this.strokes, this.#stroke];
    // An eraser that met nothing leaves nothing to undo.
    if (drawing === this.strokes) this.#stop();
    else this.#change(() => this.#history.push(drawing));
  }

  #unitsPerPixel() {
    return CANVAS / this.#canvas.getBoundingClientRect().width;
  }

  #locate(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = CANVAS / box.width;
    return [round((event.clientX - box.left) * scale), round((event.clientY - box.top) * scale)];
  }

  #resize() {
    const side = Math.max(1, Math.round(this.#canvas.clientWidth * devicePixelRatio));
    for (const canvas of [this.#canvas, this.#finished]) canvas.width = canvas.height = side;
    this.#redraw(this.#erasing ?? this.strokes);
  }

  #redraw(strokes = this.strokes) {
    const context = this.#finished.getContext("2d");
    this.#prepare(context);
    for (const stroke of strokes) trace(context, stroke);
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
