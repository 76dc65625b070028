// What is indexed: photos and folders, the model, running jobs, and files that were set aside.

import { count, find, make } from "./dom.js";
import { Jobs } from "./jobs.js";
import { ask } from "./service.js";

const MOST_LISTED = 200;

export class Library {
  #jobs = new Jobs(() => this.#reload());
  #onCount;

  // `onCount` is told how many photos there are.
  constructor(onCount) {
    this.#onCount = onCount;
    find("library-open").addEventListener("click", () => this.open());
    find("library-close").addEventListener("click", () => find("library").close());
    find("library").addEventListener("close", () => this.#jobs.watch(false));
  }

  open() {
    find("library").showModal();
    this.#jobs.watch(true);
    this.#reload();
  }

  #reload() {
    this.load().catch((error) => (find("library-problem").textContent = error.message));
  }

  async load() {
    const library = await ask("/api/library");
    find("library-problem").textContent = "";
    this.#onCount(library.photos);
    find("library-photos").textContent = `${count(library.photos, "photo")}, found by the model “${library.model}”.`;
    find("library-model").hidden = library.model_matches;
    find("library-folders").replaceChildren(...library.folders.map((folder) => makeFolder(folder, library.watched)));
    find("library-empty").hidden = library.photos > 0;
    await this.#jobs.load(library.events);
    if (find("library").open) await showQuarantine(library.quarantined);
  }
}

function makeFolder(folder, watched) {
  const row = make("li", {}, make("span", { className: "path", textContent: folder }));
  if (watched.includes(folder)) row.append(make("span", { className: "badge", textContent: "watched" }));
  return row;
}

async function showQuarantine(number) {
  find("quarantine").hidden = !number;
  if (!number) return;
  find("quarantine-title").textContent = `Set aside: ${count(number, "file")}`;
  const files = await ask("/api/quarantine");
  const rows = files.slice(0, MOST_LISTED).map(({ path, reason }) =>
    make(
      "li",
      {},
      make("span", { className: "path", textContent: path }),
      make("span", { className: "quiet", textContent: reason }),
    ),
  );
  if (files.length > MOST_LISTED) rows.push(make("li", { textContent: `and ${count(files.length - MOST_LISTED, "other")}` }));
  find("quarantine-list").replaceChildren(...rows);
}
