// The grid of photos found. Cards are reused in place, so that nothing jumps while one draws.
//
// One card is a stop for the Tab key; the arrow keys go from card to card.

import { fillCard, makeCard } from "./card.js";
import { NOTICED_MILLISECONDS } from "./status.js";

const MOST_SPARE = 40;
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export class Results {
  #list;
  #actions;
  #hits = [];
  #stop = 0;
  #dimming = null;
  // Cards without a hit, for the next one: most drawings begin on an empty page.
  #spare = [];

  // `actions`: open(index), toggle(kind, hit), isLiked(hit).
  constructor(list, actions) {
    this.#list = list;
    this.#actions = actions;
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("focusin", (event) => this.#moveStop(this.indexOf(event.target)));
  }

  get hits() {
    return this.#hits;
  }

  show(hits) {
    this.#hits = hits;
    this.#markFresh();
    for (const card of [...this.#list.children].slice(hits.length)) {
      card.remove();
      card.firstChild.tabIndex = -1;
      if (this.#spare.length < MOST_SPARE) this.#spare.push(card);
    }
    this.#fill(0);
  }

  append(hits) {
    const first = this.#hits.length;
    const known = new Set(this.#hits.map((hit) => hit.photo_id));
    this.#hits = [...this.#hits, ...hits.filter((hit) => !known.has(hit.photo_id))];
    this.#markFresh();
    this.#fill(first);
  }

  // What belongs to an earlier drawing is dimmed, but not if the answer to this one comes soon:
  // the style of so many pictures takes the browser longer to change than the answer to come.
  markStale() {
    this.#list.classList.add("stale");
    this.#dimming ??= setTimeout(() => this.#list.classList.add("dim"), NOTICED_MILLISECONDS);
  }

  #markFresh() {
    clearTimeout(this.#dimming);
    this.#dimming = null;
    this.#list.classList.remove("stale", "dim");
  }

  focus(index) {
    this.#list.children[index]?.firstChild.focus();
  }

  // The card that an element is part of; -1 for none.
  indexOf(element) {
    return [...this.#list.children].indexOf(element.closest?.("#results > li"));
  }

  #fill(first) {
    for (let i = first; i < this.#hits.length; i += 1) {
      const card = this.#list.children[i] ?? this.#list.appendChild(this.#spare.pop() ?? this.#makeCard());
      fillCard(card, this.#hits[i], i, this.#actions.isLiked(this.#hits[i]));
    }
    this.#moveStop(Math.min(this.#stop, this.#hits.length - 1));
  }

  #makeCard() {
    const hitOf = (card) => this.#hits[this.indexOf(card)];
    return makeCard({
      open: (card) => this.#actions.open(this.indexOf(card)),
      liked: (card) => this.#actions.toggle("liked", hitOf(card)),
      disliked: (card) => this.#actions.toggle("disliked", hitOf(card)),
    });
  }

  #moveStop(index) {
    const { children } = this.#list;
    if (children[this.#stop]) children[this.#stop].firstChild.tabIndex = -1;
    this.#stop = Math.max(0, index);
    if (children[this.#stop]) children[this.#stop].firstChild.tabIndex = 0;
  }

  #onKey(event) {
    const at = this.indexOf(event.target);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === "+" || key === "=") this.#actions.toggle("liked", this.#hits[at]);
    else if (key === "-") this.#actions.toggle("disliked", this.#hits[at]);
    else if (key === "Home") this.focus(0);
    else if (key === "End") this.focus(this.#hits.length - 1);
    else if (key in STEPS) this.focus(at + STEPS[key]);
    else if (key === "ArrowDown" || key === "ArrowUp") this.focus(this.#neighbour(at, key === "ArrowDown"));
    else return;
    event.preventDefault();
  }

  // The card below or above, whose middle is the nearest: the first card is larger than the others.
  #neighbour(at, isDown) {
    const boxes = [...this.#list.children].map((card) => card.getBoundingClientRect());
    const here = boxes[at];
    const middle = (here.left + here.right) / 2;
    const away = ({ left, right, top }) =>
      2 * Math.abs(top - here.top) + Math.abs((left + right) / 2 - middle);
    const beyond = boxes.flatMap((box, i) =>
      (isDown ? box.top >= here.bottom : box.bottom <= here.top) ? [i] : [],
    );
    return beyond.sort((a, b) => away(boxes[a]) - away(boxes[b]))[0] ?? at;
  }
}
