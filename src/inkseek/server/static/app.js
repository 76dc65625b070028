// The page: a drawing changes, the service is asked, the newest answer is shown.

import { listExamples } from "./examples.js";
import { listenForFiles, readStrokes } from "./files.js";
import { CANVAS, Pad } from "./pad.js";
import { Results } from "./results.js";
import { LiveSearch, ask } from "./search.js";
import { Viewer } from "./viewer.js";
import { Why } from "./why.js";

const PAGE = 40;
const MOST = 500;

const find = (id) => document.getElementById(id);
const live = new LiveSearch();
const pad = new Pad(find("pad"), onDrawing);
const why = new Why(() => pad.strokes);
const viewer = new Viewer((index) => results.focus(index), why);
const results = new Results(find("results"), (index) => viewer.open(results.hits, index));
let wanted = PAGE;
let numPhotos = null;

function onDrawing() {
  wanted = PAGE;
  find("undo").disabled = !pad.canUndo;
  find("redo").disabled = !pad.canRedo;
  find("clear").disabled = pad.isEmpty;
  find("hint").hidden = find("start").hidden = !pad.isEmpty;
  if (pad.isEmpty) rest();
  else search();
}

// Nothing is drawn, so nothing is asked.
function rest() {
  live.cancel();
  document.body.classList.remove("busy");
  results.clear();
  find("more").hidden = true;
  say("");
}

async function search() {
  results.markStale();
  document.body.classList.add("busy");
  try {
    const sketch = { canvas_size: CANVAS, strokes: pad.strokes };
    const answer = await live.search({ sketch, k: wanted });
    if (answer === null) return;
    results.show(answer.hits);
    find("more").hidden = answer.hits.length < wanted || wanted >= MOST;
    summarize(answer);
  } catch (error) {
    say(error.message, "error");
  }
  document.body.classList.remove("busy");
}

function summarize({ hits, nothing_matches: nothingMatches, milliseconds }) {
  if (!hits.length) say("There are no photos in this gallery yet. Add some with inkseek index.", "warn");
  else if (nothingMatches) say("Nothing matches well yet. These come closest.", "warn");
  else say(numPhotos ? `Best of ${numPhotos} photos` : "Best photos first");
  find("speed").textContent = hits.length ? `${Math.max(1, Math.round(milliseconds))} ms` : "";
}

async function open(file) {
  say(`Reading ${file.name} …`);
  try {
    pad.load(await readStrokes(file));
  } catch (error) {
    say(error.message, "problem");
  }
}

// A failed search can be tried again; a file that is no drawing cannot.
function say(text, kind = "") {
  find("status").textContent = text;
  find("speed").textContent = "";
  find("notice").className = `notice ${kind}`;
  find("retry").hidden = kind !== "error";
}

function onKey(event) {
  const key = event.key.toLowerCase();
  const isCommand = event.ctrlKey || event.metaKey;
  if (viewer.isOpen || pad.isDrawing || event.altKey) return;
  if (isCommand && (key === "y" || (key === "z" && event.shiftKey))) pad.redo();
  else if (isCommand && key === "z") pad.undo();
  else if (!isCommand && (key === "delete" || key === "backspace")) pad.clear();
  else if (!isCommand && key === "o") find("open").click();
  else return;
  event.preventDefault();
}

find("undo").addEventListener("click", () => pad.undo());
find("redo").addEventListener("click", () => pad.redo());
find("clear").addEventListener("click", () => pad.clear());
find("retry").addEventListener("click", search);
find("more").addEventListener("click", () => {
  wanted = Math.min(2 * wanted, MOST);
  search();
});
addEventListener("keydown", onKey);
listenForFiles(open);
listExamples(find("examples"), (strokes) => pad.load(strokes));

ask("/api/health").then(
  ({ photos }) => {
    numPhotos = photos.toLocaleString("en");
    find("gallery").textContent = `${numPhotos} photos`;
  },
  (error) => say(error.message, "problem"),
);
