// A link that holds the strokes: whoever opens it sees the drawing, and searches their own photos.

import { pack, unpack } from "./compact.js";
import { find } from "./dom.js";
import { makeLink, takeFromFragment } from "./fragment.js";

const NAME = "draw";

export function takeSharedStrokes() {
  const text = takeFromFragment(NAME);
  return text && unpack(text);
}

export function listenForSharing(getStrokes, onTold) {
  find("share").addEventListener("click", async () => {
    const link = makeLink(NAME, pack(getStrokes()));
    try {
      await navigator.clipboard.writeText(link);
      onTold("Link copied. It holds the drawing, none of your photos.");
    } catch {
      // Where nothing may be copied the address bar has the link.
      history.replaceState(null, "", link);
      onTold("The link is in the address bar. It holds the drawing, none of your photos.");
    }
  });
}
