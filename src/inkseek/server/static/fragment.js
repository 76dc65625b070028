// What the part of the address after # says, as #name=value&other=value. It never leaves the browser.

const read = () => new URLSearchParams(location.hash.slice(1));

// A value, which is taken out of the address, so that it is neither shared nor kept in the history.
export function takeFromFragment(name) {
  const values = read();
  const value = values.get(name);
  if (value === null) return null;
  values.delete(name);
  const rest = values.toString();
  history.replaceState(null, "", rest ? `#${rest}` : location.pathname + location.search);
  return value;
}

// The address of this page with one value in its fragment.
export function makeLink(name, value) {
  return `${location.origin}${location.pathname}#${new URLSearchParams({ [name]: value })}`;
}
