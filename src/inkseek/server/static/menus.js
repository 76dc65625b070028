// Menus that open beside their button: below it, or above it where there is no room.

const GAP = 8;
const LOW = 0.6;

export function listenForMenu(menu, button) {
  const close = () => menu.matches(":popover-open") && menu.hidePopover();
  menu.addEventListener("beforetoggle", ({ newState }) => {
    button.setAttribute("aria-expanded", newState === "open");
    if (newState === "open") place(menu, button.getBoundingClientRect());
  });
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") menu.querySelector("button").focus();
  });
  // What was chosen is done; the menu has no more to say.
  menu.addEventListener("click", (event) => event.target.closest("button") && close());
  addEventListener("scroll", close, { passive: true });
  addEventListener("resize", close);
}

function place(menu, box) {
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isLow = box.bottom > LOW * height;
  menu.style.top = isLow ? "auto" : `${box.bottom + GAP}px`;
  menu.style.bottom = isLow ? `${height - box.top + GAP}px` : "auto";
  menu.style.right = `${Math.max(GAP, width - box.right)}px`;
}
