/**
 * Elements. Text goes in as text: nothing here, and nothing else on the page, makes markup out of a string.
 *
 * @module
 */

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element with attributes, listeners (`onclick: function`) and children: elements, and strings as text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat());
  return element;
}

/** A table: `columns` are heads, or heads with the class of their cells; a row is a list of strings and elements. */
export function table(caption, columns, rows, empty) {
  if (rows.length === 0) return h("p", { class: "empty" }, empty);
  const heads = columns.map(([name, look = ""]) => h("th", { scope: "col", class: look }, name));
  const lines = rows.map((cells) =>
    h("tr", {}, cells.map((cell, index) => h("td", { class: columns[index][1] ?? "" }, cell)))
  );
  return h(
    "table",
    {},
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads)),
    h("tbody", {}, lines),
  );
}

/** Puts `children` in the place of what `element` holds; where they are scrolled sideways they stay so. */
export function fill(element, ...children) {
  const left = element.scrollLeft;
  element.replaceChildren(...children);
  element.scrollLeft = left;
}
