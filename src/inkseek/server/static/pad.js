// The drawing pad: strokes by mouse, pen or touch, with undo and redo.
//
// Coordinates are kept in a square of CANVAS units, whatever size the pad has on the screen.

export const CANVAS = 512;
const PEN_WIDTH = 0.014 * CANVAS;
// A palm that rests beside a pen must not draw; it may land just before the pen does.
const PALM_MILLISECONDS = 500;

export class Pad {
  #canvas;
  #context;
  #onChange;
  #strokes = [];
  #undone = [];
  #current = null;
  #pointer = null;
  #penSeen = -Infinity;

  constructor(canvas, onChange) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#onChange = onChange;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.#end(event));
    }
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  get strokes() {
    return this.#strokes;
  }

  get canUndo() {
    return this.#strokes.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  undo() {
    if (this.canUndo) this.#change(() => this.#undone.push({ strokes: [this.#strokes.pop()] }));
  }

  redo() {
    if (this.canRedo) this.#change(() => this.#redoLast());
  }

  clear() {
    if (!this.canUndo) return;
    this.#change(() => {
      this.#undone.push({ strokes: this.#strokes });
      this.#strokes = [];
    });
  }

  // Strokes from elsewhere, scaled to fill the pad.
  load(strokes) {
    const xs = strokes.flat().map((p) => p[0]);
    const ys = strokes.flat().map((p) => p[1]);
    const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
    const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
    const [x0, x1, y0, y1] = [least(xs), most(xs), least(ys), most(ys)];
    const scale = (0.88 * CANVAS) / Math.max(x1 - x0, y1 - y0, 1e-6);
    const place = ([x, y]) => [
      CANVAS / 2 + (x - (x0 + x1) / 2) * scale,
      CANVAS / 2 + (y - (y0 + y1) / 2) * scale,
    ];
    this.#change(() => {
      this.#strokes = strokes.map((stroke) => stroke.map(place));
      this.#undone = [];
    });
  }

  #redoLast() {
    this.#strokes = [...this.#strokes, ...this.#undone.pop().strokes];
  }

  #change(edit) {
    this.#current = null;
    edit();
    this.#draw();
    this.#onChange();
  }

  #begin(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    const isPalm =
      event.pointerType === "touch" && event.timeStamp - this.#penSeen < PALM_MILLISECONDS;
    if (event.button !== 0 || isPalm || this.#pointer !== null) return;
    event.preventDefault();
    this.#canvas.focus({ preventScroll: true });
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#current = [this.#locate(event)];
    this.#draw();
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#pointer || !this.#current) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) {
      const [x, y] = this.#locate(step);
      const [lastX, lastY] = this.#current.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= 1) this.#current.push([x, y]);
    }
    this.#draw();
  }

  // A stroke that the system cancels was drawn all the same, and is kept.
  #end(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    const stroke = this.#current;
    if (!stroke) return;
    this.#change(() => {
      this.#strokes = [...this.#strokes, stroke];
      this.#undone = [];
    });
  }

  #locate(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = CANVAS / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  #resize() {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    this.#canvas.width = this.#canvas.height = side;
    this.#draw();
  }

  #draw() {
    const context = this.#context;
    const scale = this.#canvas.width / CANVAS;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, CANVAS, CANVAS);
    context.lineWidth = PEN_WIDTH;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#1b1d22";
    for (const stroke of this.#current ? [...this.#strokes, this.#current] : this.#strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke) context.lineTo(...point);
      context.stroke();
    }
  }
}
