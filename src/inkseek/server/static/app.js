// The page: a drawing changes, the service is asked, the newest answer is shown.

import { CANVAS, Pad } from "./pad.js";
import { Results } from "./results.js";

const PAGE = 40;
const MOST = 400;

const find = (id) => document.getElementById(id);
const results = new Results(find("results"), find("viewer"));
const pad = new Pad(find("pad"), () => {
  wanted = PAGE;
  update();
});

let wanted = PAGE;
let asked = null;

function update() {
  find("undo").disabled = find("clear").disabled = !pad.canUndo;
  find("redo").disabled = !pad.canRedo;
  find("hint").hidden = pad.canUndo;
  search();
}

async function search() {
  // An answer to an older drawing must never replace a newer one.
  asked?.abort();
  if (!pad.canUndo) {
    asked = null;
    results.clear();
    find("more").hidden = true;
    say("Photos appear here after every stroke.");
    return;
  }
  const request = (asked = new AbortController());
  results.markStale();
  try {
    const answer = await ask("/api/search", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sketch: { canvas_size: CANVAS, strokes: pad.strokes }, k: wanted }),
      signal: request.signal,
    });
    if (asked !== request) return;
    results.show(answer.hits);
    find("more").hidden = answer.hits.length < wanted || wanted >= MOST;
    if (!answer.hits.length) say("There are no photos in this gallery.", "warn");
    else if (answer.nothing_matches) say("Nothing matches well; these are the nearest.", "warn");
    else say(`${answer.hits.length} photos, best first.`);
  } catch (error) {
    if (error.name !== "AbortError" && asked === request) say(error.message, "error");
  }
}

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("inkseek does not answer. Is it still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

async function open(file) {
  if (!file) return;
  const form = new FormData();
  form.append("file", file);
  say(`Reading ${file.name} …`);
  try {
    const drawing = await ask("/api/sketches", { method: "POST", body: form });
    pad.load(drawing.strokes);
  } catch (error) {
    say(error.message, "error");
  }
}

function say(text, kind = "") {
  find("status").textContent = text;
  find("status").className = kind;
}

find("undo").onclick = () => pad.undo();
find("redo").onclick = () => pad.redo();
find("clear").onclick = () => pad.clear();
find("more").onclick = () => {
  wanted = Math.min(2 * wanted, MOST);
  search();
};
find("file").onchange = (event) => {
  open(event.target.files[0]);
  event.target.value = "";
};

addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const isCommand = event.ctrlKey || event.metaKey;
  if (find("viewer").open || event.altKey) return;
  if (isCommand && (key === "y" || (key === "z" && event.shiftKey))) pad.redo();
  else if (isCommand && key === "z") pad.undo();
  else if (!isCommand && (key === "delete" || key === "backspace")) pad.clear();
  else return;
  event.preventDefault();
});

const zone = document.querySelector(".pad");
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.add("drop");
  });
}
addEventListener("dragleave", () => zone.classList.remove("drop"));
addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("drop");
  open(event.dataTransfer.files[0]);
});

ask("/api/health").then(
  ({ photos }) => (find("gallery").textContent = `${photos.toLocaleString()} photos`),
  (error) => say(error.message, "error"),
);
update();
