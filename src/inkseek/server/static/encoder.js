// The encoder on this device: drawings become embeddings here, and only these leave it.

const LOAD_MILLISECONDS = 120_000;
const EMBED_MILLISECONDS = 5_000;
// What float32 holds of a number, in fewer letters than JavaScript writes.
const DIGITS = 8;

export class DeviceEncoder {
  #worker;
  #calls = new Map();
  #numCalls = 0;
  card = null;

  // Load runtime and model; fails where either is missing or the browser is too old.
  // `card` and `model` are addresses of card.json and student.onnx; `headers` go with the requests.
  static async load({ card, model, headers }) {
    const encoder = new DeviceEncoder();
    const absolute = (url) => new URL(url, document.baseURI).href;
    try {
      const options = { card: absolute(card), model: absolute(model), headers };
      encoder.card = await encoder.#call("open", options, LOAD_MILLISECONDS);
    } catch (error) {
      encoder.close();
      throw error;
    }
    return encoder;
  }

  constructor() {
    this.#worker = new Worker(new URL("./encoder-worker.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#settle(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#failAll(event.message || "the encoder's thread does not start");
    });
  }

  // {embedding, canvasSize, answered, milliseconds: {select, raster, network}}. The embedding is a
  // Float32Array; `answered` is what an answer tells of the canvas, if one was chosen.
  embed(strokes) {
    return this.#call("embed", strokes, EMBED_MILLISECONDS);
  }

  close() {
    this.#worker.terminate();
    this.#failAll("the encoder was closed");
  }

  #call(call, value, milliseconds) {
    return new Promise((resolve, reject) => {
      const id = (this.#numCalls += 1);
      const timer = setTimeout(() => {
        this.#settle({ id, error: `the encoder did not answer for ${milliseconds / 1000} seconds` });
      }, milliseconds);
      this.#calls.set(id, { resolve, reject, timer });
      this.#worker.postMessage({ id, call, value });
    });
  }

  #settle({ id, value, error }) {
    const waiting = this.#calls.get(id);
    if (!waiting) return;
    this.#calls.delete(id);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(value);
    else waiting.reject(new Error(error));
  }

  #failAll(error) {
    for (const id of [...this.#calls.keys()]) this.#settle({ id, error });
  }
}

// Puts the embedding in place of the drawing in what is asked of the service, while it is on. When
// the encoder fails, it goes off, `onChange(isOn, reason)` is told, and the service gets the
// drawing as before.
export class OnDevice {
  #encoder = null;
  #load;
  #onChange;

  // `load` makes a DeviceEncoder.
  constructor(load, onChange = () => {}) {
    this.#load = load;
    this.#onChange = onChange;
  }

  get isOn() {
    return this.#encoder !== null;
  }

  async turnOn() {
    if (this.isOn) return;
    try {
      this.#encoder = await this.#load();
      this.#onChange(true, "");
    } catch (error) {
      this.turnOff(error.message);
    }
  }

  turnOff(reason = "") {
    this.#encoder?.close();
    this.#encoder = null;
    this.#onChange(false, reason);
  }

  // The body of a search, of a drawing or anything else, and what is to be added to its answer.
  async prepare(body) {
    if (!this.isOn || !body.sketch?.strokes.length) return { body };
    try {
      const { embedding, answered } = await this.#encoder.embed(body.sketch.strokes);
      const { sketch: _, ...others } = body;
      const numbers = Array.from(embedding, (value) => Number(value.toPrecision(DIGITS)));
      return { body: { ...others, embedding: numbers }, answered };
    } catch (error) {
      // A later drawing may have turned it off already.
      if (this.isOn) this.turnOff(error.message);
      return { body };
    }
  }
}
