// Text with entities, as elements. Offsets are UTF-16 code units, which is how strings count here.

import { el } from "./dom.js";
import { anchor } from "./links.js";

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote", expandable_blockquote: "blockquote" };

/** A fragment that shows `text` with its entities. */
export function formatted(text, entities = [], context) {
  const fragment = document.createDocumentFragment();
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(fragment, text, 0, text.length, ordered, context);
  return fragment;
}

function fill(parent, text, from, to, entities, context) {
  let position = from;
  const waiting = [...entities];
  while (waiting.length) {
    const entity = waiting.shift();
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= position) continue;
    const start = Math.max(entity.offset, position);
    parent.append(text.slice(position, start));
    const inside = [];
    while (waiting.length && waiting[0].offset < end) {
      const inner = waiting.shift();
      inside.push(inner);
      if (inner.offset + inner.length > end) {
        waiting.unshift({ ...inner, offset: end, length: inner.offset + inner.length - end });
        break;
      }
    }
    const node = element(entity, text.slice(start, end), context);
    fill(node, text, start, end, inside, context);
    parent.append(node);
    position = end;
  }
  parent.append(text.slice(position, to));
}

function element(entity, covered, context) {
  switch (entity.type) {
    case "text_link": return anchor(entity.url, context);
    case "url": return anchor(covered, context);
    case "email": return anchor(`mailto:${covered}`, context);
    case "phone_number": return anchor(`tel:${covered.replace(/[^\d+]/g, "")}`, context);
    case "bot_command":
      return el("button", { type: "button", className: "command", title: "Send this command", onclick: () => context.say(covered) });
    case "mention": case "hashtag": case "text_mention": return el("span", { className: "mention" });
    case "spoiler": return spoiler(context);
    case "pre": return el("pre", entity.language ? { title: entity.language } : {});
    default: return el(PLAIN[entity.type] ?? "span");
  }
}

function spoiler(context) {
  const node = el("span", { className: "spoiler", role: "button", tabIndex: 0, "aria-label": "Hidden text, press to show" });
  const show = (event) => {
    if (node.classList.contains("shown")) return;
    event.preventDefault();
    event.stopPropagation();
    context.reveal();
  };
  if (context.revealed()) uncover(node);
  node.addEventListener("click", show, true);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") show(event);
  });
  return node;
}

/** Shows what a spoiler hides. */
export function uncover(node) {
  node.classList.add("shown");
  for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
}
