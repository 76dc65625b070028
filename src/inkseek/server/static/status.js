// What the page says about itself, in a line that screen readers read out.

import { find } from "./dom.js";

export function setBusy(isBusy) {
  document.body.classList.toggle("busy", isBusy);
  find("results").setAttribute("aria-busy", isBusy);
}

// A failed search ("error") can be tried again; a file that is no drawing ("problem") cannot.
export function say(text, kind = "") {
  find("status").textContent = text;
  find("speed").textContent = "";
  find("notice").className = `notice ${kind}`;
  find("retry").hidden = kind !== "error";
}

export function sayAnswer({ hits, nothing_matches: nothingMatches, milliseconds }, { numPhotos, isNarrowed }) {
  if (!hits.length && isNarrowed) say("No photo passes these filters. Take one away.", "warn");
  else if (!hits.length) say("There are no photos in this gallery yet. Add some with inkseek index.", "warn");
  else if (nothingMatches) say("Nothing matches well yet. These come closest.", "warn");
  else if (numPhotos && !isNarrowed) say(`Best of ${numPhotos.toLocaleString("en")} photos`);
  else say("Best photos first");
  find("speed").textContent = hits.length ? `${Math.max(1, Math.round(milliseconds))} ms` : "";
}
