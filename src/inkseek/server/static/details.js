// What is known of a photo's file, and ways to it: its folder, its path.

import { find, make } from "./dom.js";
import { ask, post } from "./service.js";

export class Details {
  #hit = null;
  #path = "";

  constructor() {
    find("viewer-reveal").addEventListener("click", () => this.#reveal());
    find("viewer-copy").addEventListener("click", () => this.#copy());
  }

  async show(hit) {
    this.#hit = hit;
    this.#set("");
    find("viewer-file").textContent = "";
    find("viewer-copies").hidden = true;
    find("viewer-copy").disabled = true;
    this.#path = "";
    try {
      const details = await ask(`/api/photos/${encodeURIComponent(hit.photo_id)}/details`);
      if (this.#hit !== hit) return;
      this.#path = details.path;
      find("viewer-file").textContent = describe(details);
      find("viewer-copy").disabled = false;
      this.#listCopies(details.duplicates);
    } catch (error) {
      if (this.#hit === hit) this.#set(error.message);
    }
  }

  #listCopies(paths) {
    find("viewer-copies").hidden = !paths.length;
    find("viewer-copies-list").replaceChildren(...paths.map((path) => make("li", { textContent: path })));
  }

  async #reveal() {
    const hit = this.#hit;
    try {
      await post(`/api/photos/${encodeURIComponent(hit.photo_id)}/reveal`);
      if (this.#hit === hit) this.#set("Shown in its folder.");
    } catch (error) {
      if (this.#hit === hit) this.#set(error.message);
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#path);
      this.#set("Path copied.");
    } catch {
      this.#set(`This browser does not let the page copy. The path is ${this.#path}`);
    }
  }

  #set(text) {
    find("viewer-done").textContent = text;
  }
}

function describe({ folder, width, height, taken_at: takenAt, tags, bytes }) {
  // A camera's local time, so without a zone.
  const taken = takenAt && new Date(takenAt.slice(0, 19)).toLocaleDateString("en", { dateStyle: "long" });
  const tagged = tags.length ? `tagged ${tags.join(", ")}` : "";
  return [taken, `${width} × ${height}`, sizeOf(bytes), tagged, folder].filter(Boolean).join(" · ");
}

function sizeOf(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
