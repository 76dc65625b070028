// The grid of photos found. Cards are reused in place, so that nothing jumps while one draws.

const BANDS = [
  { from: 0.5, bars: 3, words: "Very likely" },
  { from: 0.15, bars: 2, words: "Likely" },
  { from: 0.03, bars: 1, words: "Possible" },
  { from: -1, bars: 0, words: "Unlikely" },
];

// What the confidence of a hit means, in words and in numbers.
export function describe(hit) {
  const band = BANDS.find(({ from }) => hit.confidence >= from);
  const percent = hit.confidence < 0.01 ? "under 1 %" : `${Math.round(100 * hit.confidence)} %`;
  const copies = hit.num_duplicates;
  const alike = copies ? `${copies} more ${copies === 1 ? "file" : "files"} with this picture` : "";
  return { ...band, percent, alike };
}

export class Results {
  #list;
  #onOpen;
  #hits = [];

  constructor(list, onOpen) {
    this.#list = list;
    this.#onOpen = onOpen;
  }

  get hits() {
    return this.#hits;
  }

  show(hits) {
    this.#hits = hits;
    this.#list.classList.remove("stale");
    while (this.#list.children.length > hits.length) this.#list.lastChild.remove();
    hits.forEach((hit, i) => {
      const card = this.#list.children[i] ?? this.#list.appendChild(this.#makeCard(i));
      fill(card, hit, i);
    });
  }

  clear() {
    this.show([]);
  }

  // Dim what belongs to an earlier drawing, if the answer to this one is long on its way.
  markStale() {
    this.#list.classList.add("stale");
  }

  focus(index) {
    this.#list.children[index]?.firstChild.focus();
  }

  #makeCard(index) {
    const card = document.createElement("li");
    const button = make("button", "card");
    button.type = "button";
    const frame = make("span", "frame");
    const image = make("img");
    image.alt = "";
    image.decoding = "async";
    image.addEventListener("error", () => (frame.className = "frame missing"));
    image.addEventListener("load", () => (frame.className = "frame"));
    frame.append(image, make("span", "copies"));
    const bars = make("span", "bars");
    bars.append(make("i"), make("i"), make("i"));
    const band = make("span", "band");
    band.append(bars, make("span", "words"));
    button.append(frame, make("span", "name"), band);
    button.addEventListener("click", () => this.#onOpen(index));
    card.append(button);
    return card;
  }
}

function fill(card, hit, index) {
  const { bars, words, percent, alike } = describe(hit);
  const find = (kind) => card.querySelector(kind);
  const image = find("img");
  if (image.getAttribute("src") !== hit.thumbnail) {
    // The picture of an earlier hit must not stand above the name of this one.
    find(".frame").className = "frame loading";
    image.src = hit.thumbnail;
  }
  find(".name").textContent = hit.name.replace(/\.\w{2,5}$/, "").replace(/[-_]+/g, " ");
  find(".words").textContent = words;
  find(".band").className = `band bars-${bars}`;
  find(".copies").textContent = alike ? `+${hit.num_duplicates}` : "";
  const label = [`${index + 1}. ${hit.name}`, words.toLowerCase(), percent, alike].filter(Boolean);
  card.firstChild.setAttribute("aria-label", label.join(", "));
  card.firstChild.title = label.slice(1).join(", ");
}

function make(tag, className = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return element;
}
