// The page of a site: the service's pad and results, and a search that needs no service.

import { describe } from "./card.js";
import { count, find } from "./dom.js";
import { listExamples } from "./examples.js";
import { Feedback } from "./feedback.js";
import { Finder } from "./finder.js";
import { CANVAS } from "./ink.js";
import { Pad } from "./pad.js";
import { Results } from "./results.js";
import { open } from "./search.js";
import { say } from "./status.js";

const pad = new Pad(find("pad"), onDrawing);
const feedback = new Feedback(() => finder.search());
const query = {
  isNarrowed: false,
  get isSteered() {
    return feedback.count > 0;
  },
  toRequest: () => ({ sketch: { canvas_size: CANVAS, strokes: pad.strokes }, ...feedback.ids }),
};
const results = new Results(find("results"), {
  open: show,
  toggle: (kind, hit) => feedback.toggle(kind, hit),
  isLiked: (hit) => feedback.has("liked", hit),
});
const finder = new Finder(query, results);
const KINDS = ["liked", "disliked"];
let shown = 0;

function onDrawing() {
  find("undo").disabled = !pad.canUndo;
  find("redo").disabled = !pad.canRedo;
  find("clear").disabled = find("erase").disabled = pad.isEmpty;
  if (pad.isEmpty) setEraser(false);
  find("hint").hidden = find("start").hidden = !pad.isEmpty;
  if (pad.isEmpty) feedback.clear();
  if (pad.isEmpty) finder.rest();
  else finder.search();
}

function setEraser(isEraser) {
  pad.isEraser = isEraser;
  find("erase").setAttribute("aria-pressed", isEraser);
  find("pad").classList.toggle("erasing", isEraser);
}

function show(index) {
  shown = index;
  const hit = results.hits[index];
  const { words, percent, alike } = describe(hit);
  find("viewer-photo").src = hit.photo;
  find("viewer-photo").alt = find("viewer-name").textContent = hit.name;
  find("viewer-facts").textContent = [words, percent, alike].filter(Boolean).join(" · ");
  for (const kind of KINDS) find(`viewer-${kind}`).setAttribute("aria-pressed", feedback.has(kind, hit));
  find("viewer-back").disabled = index === 0;
  find("viewer-on").disabled = index === results.hits.length - 1;
  if (!find("viewer").open) find("viewer").showModal();
}

function step(by) {
  if (results.hits[shown + by]) show(shown + by);
}

function onKey(event) {
  const key = event.key.toLowerCase();
  const isCommand = event.ctrlKey || event.metaKey;
  if (find("viewer").open) {
    if (key === "arrowleft") step(-1);
    else if (key === "arrowright") step(1);
    else if (key === "+" || key === "=") find("viewer-liked").click();
    else if (key === "-") find("viewer-disliked").click();
    return;
  }
  if (pad.isDrawing || event.altKey) return;
  if (isCommand && (key === "y" || (key === "z" && event.shiftKey))) pad.redo();
  else if (isCommand && key === "z") pad.undo();
  else if (!isCommand && (key === "delete" || key === "backspace")) pad.clear();
  else if (!isCommand && key === "e") find("erase").click();
  else return;
  event.preventDefault();
}

find("undo").addEventListener("click", () => pad.undo());
find("redo").addEventListener("click", () => pad.redo());
find("clear").addEventListener("click", () => pad.clear());
find("erase").addEventListener("click", () => setEraser(!pad.isEraser));
find("viewer-back").addEventListener("click", () => step(-1));
find("viewer-on").addEventListener("click", () => step(1));
for (const kind of KINDS) {
  find(`viewer-${kind}`).addEventListener("click", () => {
    find("viewer").close();
    feedback.toggle(kind, results.hits[shown]);
  });
}
find("viewer-close").addEventListener("click", () => find("viewer").close());
find("viewer").addEventListener("click", (event) => event.target === event.currentTarget && find("viewer").close());
find("viewer").addEventListener("close", () => results.focus(shown));
addEventListener("keydown", onKey);
listExamples(find("examples"), (strokes) => {
  feedback.clear();
  pad.load(strokes);
});

say("Loading what finds the photos …");
open().then(
  ({ gallery }) => {
    finder.numPhotos = gallery.names.length;
    find("gallery").textContent = count(gallery.names.length, "photo");
    // Who drew already waits for hits, which say more.
    if (pad.isEmpty) say("");
  },
  (error) => say(error.message, "error"),
);
