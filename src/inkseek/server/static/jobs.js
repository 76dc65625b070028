// Jobs that index photos: what they have done so far, and ways to pause, go on and stop.

import { count, find, make } from "./dom.js";
import { ask, post } from "./service.js";

const MOST_SHOWN = 5;
const ACTIVE = ["running", "paused"];
const KINDS = {
  index: "Looking for new photos",
  retry: "Trying set-aside files again",
  rebuild: "Embedding every photo anew",
};
const ENDS = { done: "Done", failed: "Failed", cancelled: "Stopped" };
const STEPS = {
  running: [["pause", "Pause"], ["cancel", "Stop"]],
  paused: [["resume", "Go on"], ["cancel", "Stop"]],
};

export class Jobs {
  #jobs = new Map();
  #events = null;
  #source = null;
  #isWatched = false;
  #onChange;

  // `onChange` is called when a job has changed the gallery, or is about to empty it.
  constructor(onChange) {
    this.#onChange = onChange;
    find("jobs-start").addEventListener("click", () => this.#tell(post("/api/jobs", { kind: "index" })));
    find("quarantine-retry").addEventListener("click", () => this.#tell(post("/api/quarantine/retry")));
    find("rebuild-start").addEventListener("click", () => this.#tell(post("/api/jobs", { kind: "rebuild" })));
  }

  get isActive() {
    return [...this.#jobs.values()].some(({ state }) => ACTIVE.includes(state));
  }

  get isRebuilding() {
    return [...this.#jobs.values()].some(({ kind, state }) => kind === "rebuild" && ACTIVE.includes(state));
  }

  async load(events) {
    let isOutdated = false;
    for (const job of await ask("/api/jobs")) {
      if (this.#hasEnded(job)) continue;
      isOutdated ||= this.#isActive(job) && !ACTIVE.includes(job.state);
      this.#jobs.set(job.id, job);
    }
    this.#show();
    this.#events = events;
    this.#listen();
    // Whatever was read before a job ended is to be read again.
    if (isOutdated) this.#onChange();
  }

  // While the library is open every change counts; else only those of a job that runs.
  watch(isWatched) {
    this.#isWatched = isWatched;
    this.#listen();
  }

  #listen() {
    const isWanted = this.#events && (this.#isWatched || this.isActive);
    if (isWanted && !this.#source) {
      this.#source = new EventSource(this.#events);
      this.#source.addEventListener("progress", ({ data }) => this.#take(JSON.parse(data)));
    } else if (!isWanted) {
      this.#source?.close();
      this.#source = null;
    }
  }

  async #tell(asked) {
    find("jobs-problem").textContent = "";
    try {
      this.#take(await asked);
    } catch (error) {
      find("jobs-problem").textContent = error.message;
    }
  }

  // No job goes on after its end: what says so was written before it.
  #hasEnded(job) {
    return this.#jobs.get(job.id)?.state in ENDS;
  }

  // As far as is known here; a short job may have ended before its start is heard of.
  #isActive(job) {
    return ACTIVE.includes(this.#jobs.get(job.id)?.state);
  }

  #take(job) {
    if (this.#hasEnded(job)) return;
    const wasActive = this.#isActive(job);
    this.#jobs.set(job.id, job);
    this.#show();
    this.#listen();
    const hasEnded = !ACTIVE.includes(job.state);
    if (hasEnded || (!wasActive && job.kind === "rebuild")) this.#onChange();
  }

  #show() {
    const jobs = [...this.#jobs.values()].reverse().slice(0, MOST_SHOWN);
    const running = jobs.find(({ state }) => ACTIVE.includes(state));
    for (const id of ["jobs-start", "quarantine-retry", "rebuild-start"]) find(id).disabled = Boolean(running);
    find("jobs-mark").hidden = !running;
    find("jobs-mark").textContent = running ? percent(running) : "";
    const focused = document.activeElement?.dataset.step;
    find("jobs").replaceChildren(...jobs.map((job) => this.#makeRow(job)));
    if (focused) (find("jobs").querySelector("button") ?? find("library-close")).focus();
  }

  #makeRow(job) {
    const row = make("li", {}, make("strong", { textContent: KINDS[job.kind] }));
    if (ACTIVE.includes(job.state)) {
      const progress = make("progress", { max: 1, ariaLabel: KINDS[job.kind] });
      if (job.total) progress.value = job.done / job.total;
      row.append(progress);
    }
    row.append(make("span", { className: "quiet", textContent: describe(job) }));
    const steps = (STEPS[job.state] ?? []).map(([step, text]) => {
      const button = make("button", { type: "button", textContent: text });
      button.dataset.step = step;
      button.addEventListener("click", () => this.#tell(post(`/api/jobs/${encodeURIComponent(job.id)}/${step}`)));
      return button;
    });
    if (steps.length) row.append(make("span", { className: "steps" }, ...steps));
    return row;
  }
}

function percent({ state, done, total }) {
  if (state === "paused") return "paused";
  return total ? `${Math.floor((100 * done) / total)} %` : "…";
}

function describe(job) {
  if (job.state in ENDS) {
    const parts = Object.entries(job.summary ?? {}).filter(([, number]) => number);
    const summary = parts.map(([what, number]) => `${number.toLocaleString("en")} ${what.replaceAll("_", " ")}`);
    return [ENDS[job.state], job.message ?? summary.join(", ")].filter(Boolean).join(": ");
  }
  if (job.total === null) return "Counting files …";
  const parts = [`${job.done.toLocaleString("en")} of ${count(job.total, "file")}`];
  if (job.state === "paused") parts.push("paused");
  else if (job.eta_seconds !== null) parts.push(`about ${duration(job.eta_seconds)} left`);
  if (job.quarantined) parts.push(`${job.quarantined} set aside`);
  return parts.join(", ");
}

function duration(seconds) {
  if (seconds < 90) return count(Math.max(1, Math.round(seconds)), "second");
  return seconds < 5400 ? count(Math.round(seconds / 60), "minute") : count(Math.round(seconds / 3600), "hour");
}
