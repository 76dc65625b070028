// One photo found, as a card of the grid.

import { count, make, makeIcon } from "./dom.js";

const BANDS = [
  { from: 0.5, bars: 3, words: "Very likely" },
  { from: 0.15, bars: 2, words: "Likely" },
  { from: 0.03, bars: 1, words: "Possible" },
  { from: -1, bars: 0, words: "Unlikely" },
];

// What the confidence of a hit means, in words and in numbers. Without one its similarity is told.
export function describe(hit) {
  const percent = hit.confidence < 0.01 ? "under 1 %" : `${Math.round(100 * hit.confidence)} %`;
  const copies = hit.num_duplicates;
  const alike = copies ? `${count(copies, "more file")} with this picture` : "";
  if (hit.confidence === null) {
    return { bars: "none", words: `similarity ${hit.similarity.toFixed(2)}`, percent: "", alike };
  }
  const band = BANDS.find(({ from }) => hit.confidence >= from);
  return { ...band, percent, alike };
}

// The name as one would say it.
export function nameOf(hit) {
  return hit.name.replace(/\.\w{2,5}$/, "").replace(/[-_]+/g, " ");
}

// `on` holds what a click does: open, liked, disliked. Each gets the card.
export function makeCard(on) {
  const image = make("img", { alt: "", decoding: "async" });
  const frame = make("span", { className: "frame" }, image, make("span", { className: "copies" }));
  image.addEventListener("error", () => (frame.className = "frame missing"));
  image.addEventListener("load", () => (frame.className = "frame"));
  const bars = make("span", { className: "bars" }, make("i"), make("i"), make("i"));
  const words = make("span", { className: "words" });
  const band = make("span", { className: "band" }, bars, words, make("span", { className: "percent" }));
  const name = make("span", { className: "name" });
  const open = make("button", { type: "button", className: "card", tabIndex: -1 }, frame, name, band);
  const more = makeAction("liked", "plus", "More like this (+)");
  const less = makeAction("disliked", "minus", "Not this (−)");
  const card = make("li", {}, open, make("span", { className: "actions" }, more, less));
  open.addEventListener("click", () => on.open(card));
  more.addEventListener("click", () => on.liked(card));
  less.addEventListener("click", () => on.disliked(card));
  return card;
}

// By key these are + and - on the card itself, so they need no stop of their own.
function makeAction(kind, icon, title) {
  const action = make("button", { type: "button", className: `action ${kind}`, title, tabIndex: -1 });
  action.append(makeIcon(icon));
  return action;
}

export function fillCard(card, hit, index, isLiked) {
  const { bars, words, percent, alike } = describe(hit);
  const find = (kind) => card.querySelector(kind);
  const image = find("img");
  if (image.getAttribute("src") !== hit.thumbnail) {
    // The picture of an earlier hit must not stand above the name of this one.
    find(".frame").className = "frame loading";
    image.src = hit.thumbnail;
  }
  find(".name").textContent = nameOf(hit);
  find(".words").textContent = words;
  find(".percent").textContent = hit.confidence < 0.01 ? "" : percent;
  find(".band").className = `band bars-${bars}`;
  find(".copies").textContent = alike ? `+${hit.num_duplicates}` : "";
  const label = [`${index + 1}. ${hit.name}`, words.toLowerCase(), percent, alike].filter(Boolean);
  card.firstChild.setAttribute("aria-label", label.join(", "));
  card.firstChild.title = alike ? `${hit.name}, ${alike}` : hit.name;
  const name = nameOf(hit);
  find(".liked").setAttribute("aria-label", `More like ${name}`);
  find(".liked").setAttribute("aria-pressed", isLiked);
  find(".disliked").setAttribute("aria-label", `Not ${name}`);
}
