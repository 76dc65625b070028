// Small removable marks for what narrows or steers a search.

import { make, makeIcon } from "./dom.js";

export function makeChip({ text, label, thumbnail, kind = "" }, onRemove) {
  const remove = make("button", {
    type: "button",
    className: `chip ${kind}`,
    title: "Take away",
    ariaLabel: `Take away: ${label ?? text}`,
  });
  if (thumbnail) remove.append(make("img", { src: thumbnail, alt: "" }));
  remove.append(make("span", { textContent: text }), makeIcon("close"));
  remove.addEventListener("click", onRemove);
  return remove;
}

// Put chips in a row; the focus stays in it when one is taken away.
export function showChips(row, chips) {
  const at = [...row.children].indexOf(document.activeElement);
  row.replaceChildren(...chips);
  if (at >= 0) (row.children[Math.min(at, chips.length - 1)] ?? document.getElementById("refine")).focus();
}
