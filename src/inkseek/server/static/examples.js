// Small drawings to start from, as SVG paths on a square of 256 units.

const STEP = 4;

const EXAMPLES = [
  {
    name: "Apple",
    paths: [
      "M128 84C104 60 40 66 40 134 40 190 80 232 104 232 116 232 120 226 128 226 136 226 140 232 152 232 176 232 216 190 216 134 216 66 152 60 128 84Z",
      "M128 84C126 62 132 44 146 30",
      "M140 60C150 40 176 36 190 40 184 58 162 68 140 60Z",
    ],
  },
  {
    name: "Glasses",
    paths: [
      "M70 100C104 100 112 118 108 140 104 168 38 168 32 140 28 118 40 100 70 100Z",
      "M186 100C220 100 228 118 224 140 220 168 154 168 148 140 144 118 152 100 186 100Z",
      "M109 122C118 112 138 112 147 122",
      "M32 118L18 108",
      "M224 118L238 108",
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
  {
    name: "Umbrella",
    paths: [
      "M28 134C34 40 90 26 128 26S222 40 228 134",
      "M28 134C44 112 62 112 78 134 94 112 112 112 128 134 144 112 162 112 178 134 194 112 212 112 228 134",
      "M128 134V206C128 236 86 236 86 208",
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
