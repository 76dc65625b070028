// Searches kept in this browser: drawings, with the filters that were set.

import { pack, unpack } from "./compact.js";
import { count, find, make, makeIcon, makeShape } from "./dom.js";
import { toPath } from "./ink.js";

const KEY = "inkseek-saved";
const MOST = 60;

export class Saved {
  #getStrokes;
  #filters;
  #onChoose;

  constructor(getStrokes, filters, onChoose) {
    this.#getStrokes = getStrokes;
    this.#filters = filters;
    this.#onChoose = onChoose;
    find("saved-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(find("saved-name").value.trim());
    });
    find("saved-open").addEventListener("click", () => this.open());
    find("saved-close").addEventListener("click", () => find("saved").close());
  }

  open() {
    this.#show();
    find("saved-form").hidden = !this.#getStrokes().length;
    find("saved-problem").textContent = "";
    find("saved").showModal();
  }

  #save(name) {
    const entry = { name: name || new Date().toLocaleString("en", { dateStyle: "medium", timeStyle: "short" }) };
    const search = { strokes: this.#getStrokes(), filters: this.#filters.settings };
    this.#write([{ ...entry, ...search }, ...read()].slice(0, MOST));
    find("saved-form").hidden = true;
    find("saved-name").value = "";
  }

  #write(entries) {
    try {
      const packed = entries.map(({ strokes, ...others }) => ({ ...others, strokes: pack(strokes) }));
      localStorage.setItem(KEY, JSON.stringify(packed));
    } catch {
      find("saved-problem").textContent = "This browser keeps nothing for this page; share a link instead.";
    }
    this.#show();
  }

  #show() {
    const entries = read();
    find("saved-none").hidden = entries.length > 0;
    find("saved-list").replaceChildren(...entries.map((entry, i) => this.#makeTile(entry, i)));
  }

  #makeTile({ name, strokes, filters }, index) {
    const drawing = makeShape("svg", { viewBox: "0 0 512 512", "aria-hidden": "true" });
    drawing.append(...strokes.map((stroke) => makeShape("polyline", { points: toPath(stroke) })));
    const open = make("button", { type: "button", className: "tile" }, drawing, make("span", { textContent: name }));
    const numFilters = Object.keys(filters).length;
    if (numFilters) open.append(make("small", { textContent: count(numFilters, "filter") }));
    open.addEventListener("click", () => {
      find("saved").close();
      this.#onChoose(strokes);
      this.#filters.restore(filters);
    });
    const remove = make("button", { type: "button", className: "remove", title: "Delete", ariaLabel: `Delete ${name}` });
    remove.append(makeIcon("close"));
    remove.addEventListener("click", () => {
      this.#write(read().filter((_, i) => i !== index));
      find("saved-close").focus();
    });
    return make("li", {}, open, remove);
  }
}

// What is kept and still can be read; storage may be closed, or hold what another program wrote.
function read() {
  try {
    const entries = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return entries
      .map(({ name, strokes, filters }) => ({
        name: String(name),
        strokes: unpack(strokes),
        filters: Object.fromEntries(Object.entries(filters ?? {}).filter(([, value]) => typeof value === "string")),
      }))
      .filter(({ strokes }) => strokes);
  } catch {
    return [];
  }
}
