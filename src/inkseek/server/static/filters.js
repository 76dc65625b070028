// Which photos may answer: folder, date, size, shape and tags.

import { makeChip, showChips } from "./chips.js";
import { count, find, make } from "./dom.js";
import { ask } from "./service.js";

const form = find("filters");

export class Filters {
  #onChange;
  #areChoicesListed = false;
  // As they are spelled on photos, by their small letters.
  #tags = new Map();

  constructor(onChange) {
    this.#onChange = onChange;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => this.#apply());
    form.addEventListener("reset", () => setTimeout(() => this.#apply()));
    find("refine").addEventListener("click", () => this.toggle());
  }

  get isOpen() {
    return !form.hidden;
  }

  // As the service takes them; those that are not set are left out.
  get values() {
    const set = this.settings;
    if (set.min_side) set.min_side = Number(set.min_side);
    // The service takes what is before a moment, the page what is up to and with a day.
    if (set.taken_before) set.taken_before = dayAfter(set.taken_before);
    if (set.tags) set.tags = splitTags(set.tags).map((tag) => this.#tags.get(tag.toLowerCase()) ?? tag);
    if (!set.tags?.length) delete set.tags;
    return set;
  }

  // As they stand in the form: what `restore` takes.
  get settings() {
    return Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  }

  // A folder that holds no photos any more cannot be set, and is left out.
  async restore(settings) {
    if (JSON.stringify(settings) === JSON.stringify(this.settings)) return;
    await this.#listChoices();
    for (const field of form.elements) {
      if (field.name) field.value = settings[field.name] ?? "";
    }
    this.#apply();
  }

  get count() {
    return Object.keys(this.values).length;
  }

  toggle(isOpen = form.hidden) {
    form.hidden = !isOpen;
    find("refine").setAttribute("aria-expanded", isOpen);
    if (isOpen) {
      this.#listChoices();
      form.querySelector("select").focus();
    } else {
      find("refine").focus();
    }
  }

  #apply() {
    const set = Object.entries(this.settings);
    const chips = set.map(([name, value]) =>
      makeChip({ text: describe(name, value) }, () => this.#unset(name)),
    );
    showChips(find("narrowed"), chips);
    find("refine-count").textContent = set.length || "";
    this.#onChange();
  }

  #unset(name) {
    form.elements[name].value = "";
    this.#apply();
  }

  // Where no photo has a tag, there is nothing to ask for.
  #listTags(tags) {
    find("tags-filter").hidden = !tags.length;
    // Of spellings that differ in capitals the commonest, which comes first, is meant.
    for (const { tag } of [...tags].reverse()) this.#tags.set(tag.toLowerCase(), tag);
    const options = tags.map(({ tag, photos }) => make("option", { value: tag, label: count(photos, "photo") }));
    find("tags").replaceChildren(...options);
  }

  async #listChoices() {
    if (this.#areChoicesListed) return;
    try {
      const [folders, tags] = await Promise.all([ask("/api/folders"), ask("/api/tags")]);
      this.#areChoicesListed = true;
      this.#listTags(tags);
      for (const name of ["folder", "not_folder"]) {
        const options = folders.map(({ folder, photos }) => {
          const textContent = `${shorten(folder)} (${photos.toLocaleString("en")})`;
          return make("option", { value: folder, textContent, title: folder });
        });
        form.elements[name].append(...options);
      }
      find("filters-problem").textContent = "";
    } catch (error) {
      find("filters-problem").textContent = error.message;
    }
  }
}

function splitTags(text) {
  return text.split(",").map((tag) => tag.trim()).filter(Boolean);
}

function dayAfter(day) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

function describe(name, value) {
  const words = {
    folder: () => `In ${shorten(value)}`,
    not_folder: () => `Not in ${shorten(value)}`,
    taken_after: () => `From ${value}`,
    taken_before: () => `Up to ${value}`,
    min_side: () => `At least ${count(Number(value), "pixel")}`,
    orientation: () => value[0].toUpperCase() + value.slice(1),
    tags: () => `Tagged ${splitTags(value).join(" and ")}`,
  };
  return words[name]();
}

// The last two parts say where it is; the whole path would not fit.
function shorten(folder) {
  const parts = folder.split(/[\\/]/).filter(Boolean);
  return parts.length > 2 ? `…/${parts.slice(-2).join("/")}` : folder;
}
