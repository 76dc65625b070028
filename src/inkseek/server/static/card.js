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

// What cards are made of, so that it need not be looked for in each of them after every stroke.
const parts = new WeakMap();

// `on` holds what a click does: open, liked, disliked. Each gets the card.
export function makeCard(on) {
  const image = make("img", { alt: "", decoding: "async" });
  const copies = make("span", { className: "copies" });
  const frame = make("span", { className: "frame" }, image, copies);
  image.addEventListener("error", () => (frame.className = "frame missing"));
  image.addEventListener("load", () => (frame.className = "frame"));
  const bars = make("span", { className: "bars" }, make("i"), make("i"), make("i"));
  const words = make("span", { className: "words" });
  const percent = make("span", { className: "percent" });
  const band = make("span", { className: "band" }, bars, words, percent);
  const name = make("span", { className: "name" });
  const open = make("button", { type: "button", className: "card", tabIndex: -1 }, frame, name, band);
  const more = makeAction("liked", "plus", "More like this (+)");
  const less = makeAction("disliked", "minus", "Not this (−)");
  const card = make("li", {}, open, make("span", { className: "actions" }, more, less));
  parts.set(card, { frame, image, name, words, percent, band, copies, open, more, less });
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
  const part = parts.get(card);
  if (part.image.getAttribute("src") !== hit.thumbnail) {
    // The picture of an earlier hit must not stand above the name of this one.
    part.frame.className = "frame loading";
    part.image.src = hit.thumbnail;
  }
  const name = nameOf(hit);
  write(part.name, "textContent", name);
  write(part.words, "textContent", words);
  write(part.percent, "textContent", hit.confidence < 0.01 ? "" : percent);
  write(part.band, "className", `band bars-${bars}`);
  write(part.copies, "textContent", alike ? `+${hit.num_duplicates}` : "");
  const label = [`${index + 1}. ${hit.name}`, words.toLowerCase(), percent, alike].filter(Boolean);
  writeAttribute(part.open, "aria-label", label.join(", "));
  write(part.open, "title", alike ? `${hit.name}, ${alike}` : hit.name);
  writeAttribute(part.more, "aria-label", `More like ${name}`);
  writeAttribute(part.more, "aria-pressed", String(isLiked));
  writeAttribute(part.less, "aria-label", `Not ${name}`);
}

// What stays the same from one search to the next is not laid out again.
function write(element, property, value) {
  if (element[property] !== value) element[property] = value;
}

function writeAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
