// Small helpers to build elements. Text always goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with properties, attributes (`aria-…`, `data-…`, `role`) and children. */
export function el(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (key.includes("-") || key === "role") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** One of the icons kept in the page, for decoration. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A round button that shows an icon and is called `label`. */
export function iconButton(name, label, onclick, props = {}) {
  return el("button", { type: "button", className: "icon", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

export const byId = (id) => document.getElementById(id);

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Hours and minutes of a time in seconds. */
export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));

/** The day of a time in seconds, "Today" where it is. */
export function dayOf(seconds) {
  const day = new Date(seconds * 1000);
  return day.toDateString() === new Date().toDateString() ? "Today" : calendar.format(day);
}
