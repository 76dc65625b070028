// A search from the question to the photos shown: first page, further pages, failures.

import { find } from "./dom.js";
import { LiveSearch } from "./search.js";
import { Unreachable, ask } from "./service.js";
import { forgetTold, say, sayAnswer, setBusy } from "./status.js";

const PAGE = 40;
const RETRY_MILLISECONDS = 2000;

export class Finder {
  #live;
  #query;
  #results;
  #taken = 0;
  #waiting = null;
  numPhotos = null;

  // `query` makes the body of a request, `prepare` may change it, `results` shows hits.
  constructor(query, results, prepare) {
    this.#live = new LiveSearch(prepare);
    this.#query = query;
    this.#results = results;
    find("retry").addEventListener("click", () => this.search());
    find("more").addEventListener("click", () => this.#showMore());
  }

  // Nothing is asked for, so nothing is shown.
  rest() {
    this.#stop();
    this.#results.show([]);
    find("more").hidden = true;
    say("");
  }

  // The question changed but shall not be asked yet.
  hold() {
    this.#stop();
    this.#results.markStale();
    find("more").hidden = true;
    say("Ready when you are.", "ready");
  }

  async search() {
    this.#results.markStale();
    const answer = await this.#ask(0);
    if (!answer) return;
    this.#results.show(answer.hits);
    sayAnswer(answer, { numPhotos: this.numPhotos, isNarrowed: this.#query.isNarrowed });
  }

  async #showMore() {
    const answer = await this.#ask(this.#taken);
    if (!answer) return;
    const first = this.#results.hits.length;
    this.#results.append(answer.hits);
    // The button may be gone now; who came by key goes on with the first of the new photos.
    this.#results.focus(first);
  }

  async #ask(offset) {
    this.#stop();
    setBusy(true);
    try {
      const answer = await this.#live.search({ ...this.#query.toRequest(), k: PAGE, offset });
      if (!answer) return null;
      // How sure a search is was measured for drawings alone; else only the similarity is told.
      if (this.#query.isSteered) {
        answer.nothing_matches = false;
        answer.hits = answer.hits.map((hit) => ({ ...hit, confidence: null }));
      }
      this.#taken = offset + answer.hits.length;
      find("more").hidden = !answer.more;
      setBusy(false);
      return answer;
    } catch (error) {
      setBusy(false);
      this.#results.markStale();
      say(error.message, "error");
      if (error instanceof Unreachable) this.#waitForService();
      return null;
    }
  }

  #stop() {
    clearTimeout(this.#waiting);
    this.#live.cancel();
    setBusy(false);
    forgetTold();
  }

  // The drawing stays; once the service is back its photos come by themselves.
  #waitForService() {
    this.#waiting = setTimeout(async () => {
      const waiting = this.#waiting;
      const isBack = await ask("/api/health").then(() => true, () => false);
      if (waiting !== this.#waiting) return;
      if (isBack) this.search();
      else this.#waitForService();
    }, RETRY_MILLISECONDS);
  }
}
