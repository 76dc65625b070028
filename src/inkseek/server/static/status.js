// What the page says about itself, in a line that screen readers read out.

import { find, make } from "./dom.js";

// Most answers come before one would notice; only then does the page say that it is at work.
export const NOTICED_MILLISECONDS = 250;

let slow = null;

export function setBusy(isBusy) {
  const { classList } = document.body;
  classList.toggle("busy", isBusy);
  find("results").setAttribute("aria-busy", isBusy);
  clearTimeout(slow);
  if (isBusy) slow = setTimeout(() => classList.add("slow"), NOTICED_MILLISECONDS);
  else classList.remove("slow");
}

// What came of something else than a search, a link copied say, until the next question: the answer
// to the question before it, which may still be on its way, does not take its place.
let isTold = false;

export function tell(text, kind = "") {
  show(text, kind);
  isTold = true;
}

export function forgetTold() {
  isTold = false;
}

// The state of the search.
export function say(text, kind = "") {
  if (!isTold || kind === "error") show(text, kind);
}

// A failed search ("error") can be tried again; a file that is no drawing ("problem") cannot.
function show(text, kind) {
  find("status").textContent = text;
  find("speed").textContent = "";
  find("notice").className = `notice ${kind}`;
  find("retry").hidden = kind !== "error";
}

export function sayAnswer(answer, { numPhotos, isNarrowed }) {
  const { hits, nothing_matches: nothingMatches } = answer;
  if (!hits.length && isNarrowed) say("No photo passes these filters. Take one away.", "warn");
  else if (!hits.length) say("There are no photos in this gallery yet. Add some with inkseek index.", "warn");
  else if (nothingMatches) say("Nothing matches well yet. These come closest.", "warn");
  else if (numPhotos && !isNarrowed) say(`Best of ${numPhotos.toLocaleString("en")} photos`);
  else say("Best photos first");
  if (hits.length) find("speed").append(...describeCost(answer));
}

// The time, and where a canvas was chosen for the drawing, its side and what that took.
function describeCost({ milliseconds, canvas_size: canvasSize, gflops }) {
  const time = `${Math.max(1, Math.round(milliseconds))} ms`;
  if (!canvasSize) return [time];
  return [time, make("small", { textContent: ` · ${canvasSize} px · ${gflops.toPrecision(2)} GFLOPs` })];
}
