// Drawings that are encoded on this device, for who wants that: only their embeddings are sent.

import { find } from "./dom.js";
import { authorization } from "./service.js";

const KEY = "inkseek-on-device";

async function load() {
  // Runtime and network are megabytes, which nobody else has to wait for.
  const { DeviceEncoder } = await import("./encoder.js");
  return DeviceEncoder.load({
    card: "/api/model/card",
    model: "/api/model/student.onnx",
    headers: authorization,
  });
}

export class Device {
  #encoder = null;
  #starting = null;
  #onChange;

  // `onChange` is called when searches go another way from now on.
  constructor(onChange) {
    this.#onChange = onChange;
    const box = find("on-device");
    box.checked = read();
    box.addEventListener("change", () => {
      write(box.checked);
      if (box.checked) this.#start();
      else this.#encoder?.turnOff();
    });
    if (box.checked) this.#start();
  }

  // A service without the runtime has no switch for it; whoever had it on is told why it is off.
  offer(isPossible) {
    find("on-device-switch").hidden = !isPossible;
  }

  // Wanted is enough: what is not loaded yet must not let a drawing out.
  get isWanted() {
    return find("on-device").checked;
  }

  // The body of a search, with an embedding in place of the drawing, and what its answer lacks then.
  prepare = (body) => (this.isWanted ? this.#prepareHere(body) : { body });

  async #prepareHere(body) {
    await this.#starting;
    return this.#encoder ? this.#encoder.prepare(body) : { body };
  }

  #start() {
    find("on-device-told").textContent = "Loading the network …";
    this.#starting = import("./encoder.js")
      .then(({ OnDevice }) => {
        this.#encoder ??= new OnDevice(load, (isOn, reason) => this.#tell(isOn, reason));
        return this.#encoder.turnOn();
      })
      .catch((error) => this.#tell(false, error.message));
  }

  // What cannot run here is told, and the service gets the drawing as before.
  #tell(isOn, reason) {
    find("on-device").checked = isOn;
    find("on-device-told").textContent = reason && `Not on this device: ${reason}. The service does it.`;
    this.#onChange();
  }
}

function read() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function write(isWanted) {
  try {
    if (isWanted) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Then it holds until the page is closed.
  }
}
