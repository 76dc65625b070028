// Small drawings to start from, as SVG paths on a square of 256 units.

const STEP = 4;

const EXAMPLES = [
  {
    name: "Fish",
    paths: [
      "M62 130C92 66 172 64 218 128 174 196 94 194 62 130",
      "M62 130C50 112 34 98 20 94 26 118 26 146 22 170 38 164 52 148 62 130",
      "M158 96C146 116 146 144 158 164",
      "M184 114a5 5 0 1 0 .1 0",
    ],
  },
  {
    name: "Umbrella",
    paths: [
      "M28 134C34 40 90 26 128 26S222 40 228 134",
      "M28 134C44 112 62 112 78 134 94 112 112 112 128 134 144 112 162 112 178 134 194 112 212 112 228 134",
      "M128 134V206C128 236 86 236 86 208",
    ],
  },
  {
    name: "Mug",
    paths: [
      "M54 92H172L166 206C165 218 158 224 148 224H78C68 224 61 218 60 206Z",
      "M172 116C214 108 220 132 214 154 208 176 190 182 168 180",
      "M92 66C82 54 102 46 92 32",
      "M132 66C122 54 142 46 132 32",
    ],
  },
  {
    name: "Mushroom",
    paths: [
      "M34 144C30 62 86 34 128 34S226 62 222 144C222 152 216 154 206 154H50C40 154 34 152 34 144Z",
      "M98 154C104 182 100 204 88 222H168C156 204 152 182 158 154",
      "M92 82a14 14 0 1 0 .1 0",
      "M160 92a18 18 0 1 0 .1 0",
    ],
  },
  {
    name: "Sailboat",
    paths: [
      "M120 30V176",
      "M120 36C168 72 194 116 202 164H120",
      "M108 66C88 100 66 136 42 164H108Z",
      "M26 182H230C222 206 206 222 188 224H68C48 222 34 206 26 182Z",
    ],
  },
];

export function listExamples(list, onChoose) {
  for (const { name, paths } of EXAMPLES) {
    // The icon of a button is as good a source of the namespace as its address.
    const svg = document.querySelector("button svg").cloneNode(false);
    svg.setAttribute("viewBox", "0 0 256 256");
    const drawn = paths.map((d) => {
      const path = document.createElementNS(svg.namespaceURI, "path");
      path.setAttribute("d", d);
      return path;
    });
    svg.append(...drawn);
    const button = document.createElement("button");
    button.type = "button";
    button.append(svg, name);
    button.addEventListener("click", () => onChoose(drawn.map(toStroke)));
    list.appendChild(document.createElement("li")).append(button);
  }
}

function toStroke(path) {
  const length = path.getTotalLength();
  const count = Math.max(2, Math.ceil(length / STEP));
  return Array.from({ length: count + 1 }, (_, i) => {
    const { x, y } = path.getPointAtLength((length * i) / count);
    return [x, y];
  });
}
