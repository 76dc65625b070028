// What is indexed: photos and folders, the model, running jobs, and files that were set aside.

import { count, find, make } from "./dom.js";
import { Jobs } from "./jobs.js";
import { ask } from "./service.js";

const MOST_LISTED = 200;

export class Library {
  #jobs = new Jobs(() => this.#reload());
  #onLoad;
  #numLoads = 0;

  // `onLoad` is told what the service says of it.
  constructor(onLoad) {
    this.#onLoad = onLoad;
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
    const load = (this.#numLoads += 1);
    const library = await ask("/api/library");
    // A later answer is the truer one.
    if (load !== this.#numLoads) return;
    find("library-problem").textContent = "";
    this.#onLoad(library);
    const photos = count(library.photos, "photo");
    find("library-photos").textContent = isReady(library) ? `${photos}, found by the model “${library.model}”.` : `${photos}.`;
    find("library-folders").replaceChildren(...library.folders.map((folder) => makeFolder(folder, library.watched)));
    find("library-empty").hidden = library.photos > 0;
    await this.#jobs.load(library.events);
    if (load !== this.#numLoads) return;
    this.#showRebuild(library);
    if (find("library").open) await showQuarantine(library.quarantined);
  }

  // Nothing else can be done with photos that have to be embedded anew first.
  #showRebuild(library) {
    const { model, rebuilding } = library;
    const { isRebuilding } = this.#jobs;
    const isNeeded = isRebuilding || !isReady(library);
    find("rebuild").hidden = !isNeeded;
    find("jobs-start").hidden = find("quarantine-retry").hidden = isNeeded;
    find("rebuild-start").hidden = isRebuilding;
    find("rebuild-start").textContent = rebuilding ? "Go on" : "Rebuild";
    if (isRebuilding) tell("Every photo is being embedded anew. Nothing can be found until that is done.");
    else if (rebuilding) tell("The photos are not all embedded anew yet. Nothing can be found until they are.");
    else tell(`Another model has indexed these photos, so “${model}” cannot search them. Start inkseek serve with that model, or rebuild: every photo is embedded anew from its file, and nothing can be found until that is done.`);
  }
}

// Whether its photos can be searched.
export function isReady({ model_matches: matches, rebuilding }) {
  return matches && !rebuilding;
}

function tell(text) {
  if (find("rebuild-text").textContent !== text) find("rebuild-text").textContent = text;
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
