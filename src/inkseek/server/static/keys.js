// Keys. Those of a single letter can be turned off, for who speaks to the computer or hits keys by chance.

import { find } from "./dom.js";

const KEY = "inkseek-letters-off";

export class Keys {
  #actions;
  #areLettersOff = read();

  // `actions` by key; `isBusy` says whether keys mean something else just now.
  constructor(actions, isBusy) {
    this.#actions = actions;
    const box = find("letters");
    box.checked = !this.#areLettersOff;
    box.addEventListener("change", () => {
      this.#areLettersOff = !box.checked;
      write(this.#areLettersOff);
    });
    find("keys-open").addEventListener("click", () => find("keys").showModal());
    find("keys-close").addEventListener("click", () => find("keys").close());
    addEventListener("keydown", (event) => {
      if (!isBusy() && !document.querySelector("dialog[open]")) this.#onKey(event);
    });
  }

  #onKey(event) {
    if (event.altKey || event.target.closest?.("input, select, textarea")) return;
    const key = event.key.toLowerCase();
    const isCommand = event.ctrlKey || event.metaKey;
    const name = isCommand ? `ctrl+${event.shiftKey ? "shift+" : ""}${key}` : key;
    const isLetter = !isCommand && key.length === 1;
    const action = this.#actions[name];
    if (!action || (isLetter && this.#areLettersOff)) return;
    // A button that has the focus is pressed by Enter.
    if (key === "enter" && event.target.closest?.("button, a")) return;
    // Escape also closes menus, unless that is prevented.
    if (key !== "escape") event.preventDefault();
    action();
  }
}

function read() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function write(isOff) {
  try {
    if (isOff) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Then it holds until the page is closed.
  }
}
