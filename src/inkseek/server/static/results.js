// The grid of photos found. Cards are reused in place, so that nothing jumps while one draws.

const BANDS = [
  { from: 0.5, name: "high", words: "very likely" },
  { from: 0.15, name: "middle", words: "likely" },
  { from: 0.03, name: "low", words: "possible" },
  { from: -1, name: "low", words: "unlikely" },
];

export class Results {
  #list;
  #viewer;

  constructor(list, viewer) {
    this.#list = list;
    this.#viewer = viewer;
    viewer.addEventListener("click", (event) => {
      if (event.target === viewer) viewer.close();
    });
  }

  show(hits) {
    this.#list.classList.remove("stale");
    while (this.#list.children.length > hits.length) this.#list.lastChild.remove();
    hits.forEach((hit, i) => {
      const card = this.#list.children[i] ?? this.#list.appendChild(makeCard());
      this.#fill(card, hit, i);
    });
  }

  clear() {
    this.#list.replaceChildren();
  }

  // Dim what belongs to an earlier drawing while the answer to this one is on its way.
  markStale() {
    this.#list.classList.add("stale");
  }

  #fill(card, hit, index) {
    const button = card.firstChild;
    const [image, name, band, meter] = button.children;
    const level = BANDS.find(({ from }) => hit.confidence >= from);
    if (image.getAttribute("src") !== hit.thumbnail) image.src = hit.thumbnail;
    const alike = hit.num_duplicates ? `, ${hit.num_duplicates} more alike` : "";
    const percent = `${Math.round(100 * hit.confidence)} %`;
    name.textContent = hit.name;
    band.textContent = `${level.words}, ${percent}${alike}`;
    band.className = `band ${level.name}`;
    meter.className = `meter band ${level.name}`;
    meter.firstChild.style.width = `${Math.max(2, 100 * hit.confidence)}%`;
    button.setAttribute("aria-label", `${index + 1}. ${hit.name}, ${level.words}, ${percent}${alike}`);
    button.onclick = () => this.#open(hit);
  }

  #open(hit) {
    const image = this.#viewer.querySelector("img");
    image.src = hit.photo;
    image.alt = hit.name;
    this.#viewer.querySelector("p").textContent = hit.name;
    this.#viewer.showModal();
  }
}

function makeCard() {
  const card = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  const image = document.createElement("img");
  image.alt = "";
  image.loading = "lazy";
  const [name, band, meter] = ["name", "band", "meter"].map((kind) => {
    const span = document.createElement("span");
    span.className = kind;
    return span;
  });
  meter.append(document.createElement("i"));
  button.append(image, name, band, meter);
  card.append(button);
  return card;
}
