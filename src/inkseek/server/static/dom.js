// Finding and making elements.

export const find = (id) => document.getElementById(id);

// An element with properties (or, where it has no such property, attributes) and children.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function makeShape(tag, attributes = {}) {
  // An icon of the page is as good a source of the namespace as its address.
  const { namespaceURI } = document.querySelector("button svg");
  const element = document.createElementNS(namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// An icon that the page keeps in its <template id="icons">.
export function makeIcon(name) {
  return find("icons").content.querySelector(`[data-icon="${name}"]`).cloneNode(true);
}

// A text that says how many of something there are: 1 photo, 2 photos.
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
