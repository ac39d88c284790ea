// One message on a phone: its bubble, its media and its buttons.

import { el, icon, iconButton, timeOf } from "./dom.js";
import { openLink } from "./links.js";
import { formatted, uncover } from "./text.js";

/**
 * The row of a message. `view` is as the control interface gives it; `context` is what the phone
 * offers: say, tap, reply, edit, show, reveal, revealed, bot, ownerName, isWaiting.
 */
export function messageRow(view, context) {
  const message = view.message;
  const bubble = el("div", { className: "bubble", tabIndex: -1 });
  const row = el(
    "div",
    { className: `row ${view.from_bot ? "in" : "out"}`, "data-testid": "message", "data-message-id": message.message_id, "data-from": view.from_bot ? "bot" : "phone" },
    bubble,
  );
  const forMessage = {
    ...context,
    revealed: () => context.revealed(message.message_id),
    reveal: () => {
      context.reveal(message.message_id);
      row.querySelectorAll(".spoiler").forEach(uncover);
    },
  };
  if (message.reply_to_message) bubble.append(quote(message, context));
  const media = mediaOf(message, forMessage);
  if (media) bubble.append(media);
  if (message.sticker) bubble.classList.add("bare");
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities;
  bubble.append(el("div", { className: "text", dir: "auto" }, formatted(text, entities, forMessage)), meta(message));
  row.append(tools(view, context));
  const keys = message.reply_markup?.inline_keyboard;
  if (keys?.length) row.append(keyboard(message, keys, context));
  return row;
}

function meta(message) {
  return el(
    "div",
    { className: "meta" },
    message.has_protected_content ? el("span", { title: "Can't be forwarded or saved" }, icon("lock")) : null,
    message.edit_date ? el("span", {}, "edited") : null,
    el("time", {}, timeOf(message.date)),
  );
}

function tools(view, context) {
  const message = view.message;
  const editable = !view.from_bot && (message.text !== undefined || message.caption !== undefined);
  return el(
    "div",
    { className: "tools" },
    iconButton("reply", "Reply", () => context.reply(view)),
    editable ? iconButton("edit", "Edit", () => context.edit(view)) : null,
  );
}

function quote(message, context) {
  const replied = message.reply_to_message;
  const author = replied.from.is_bot ? context.bot.name : context.ownerName;
  return el(
    "button",
    { type: "button", className: "quote", title: "Go to this message", onclick: () => context.show(replied.message_id) },
    el("b", { dir: "auto" }, author),
    el("span", { dir: "auto" }, message.quote?.text ?? summary(replied)),
  );
}

/** A message in a few words, for quotes and announcements. */
export function summary(message) {
  const spoilers = (message.entities ?? message.caption_entities ?? []).filter((entity) => entity.type === "spoiler");
  let text = message.text ?? message.caption ?? "";
  for (const { offset, length } of spoilers) text = text.slice(0, offset) + "▒".repeat(length) + text.slice(offset + length);
  if (text) return text;
  const kinds = { photo: "Photo", voice: "Voice message", sticker: `${message.sticker?.emoji ?? ""} Sticker`, document: "Document", video_note: "Video message", location: "Location", contact: "Contact" };
  return kinds[Object.keys(kinds).find((kind) => kind in message)] ?? "Message";
}

const fileUrl = (id) => `/sandbox/files/${encodeURIComponent(id)}`;

function mediaOf(message, context) {
  if (message.photo) return photo(message, context);
  if (message.voice) return sound(message.voice, "Voice message");
  if (message.video_note) return sound(message.video_note, "Video message");
  if (message.sticker) {
    return el("div", { className: "sticker" }, el("img", { src: fileUrl(message.sticker.file_id), alt: `Sticker ${message.sticker.emoji ?? ""}`, width: 132, height: 132 }));
  }
  if (message.document) {
    const { file_id: id, file_name: name, file_size: size } = message.document;
    return card("a", "file", name, `${size.toLocaleString()} bytes`, { href: fileUrl(id), download: name });
  }
  if (message.contact) return card("div", "person", message.contact.first_name, message.contact.phone_number);
  if (message.location) return place(message.location);
  return null;
}

function photo(message, context) {
  const size = message.photo[message.photo.length - 1];
  const frame = el("div", { className: "photo" }, el("img", { src: fileUrl(size.file_id), alt: message.caption ? "Photo, described below" : "Photo", width: size.width, height: size.height }));
  if (message.has_media_spoiler && !context.revealed()) {
    frame.classList.add("covered");
    const cover = el("button", { type: "button", className: "cover", "aria-label": "Hidden photo, press to show" }, "Tap to show");
    cover.onclick = () => {
      frame.classList.remove("covered");
      cover.remove();
      context.reveal();
    };
    frame.append(cover);
  }
  return frame;
}

function sound(media, label) {
  const audio = new Audio();
  audio.preload = "none";
  audio.src = fileUrl(media.file_id);
  const button = iconButton("play", `Play: ${label}`, () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()));
  audio.onplay = () => button.replaceChildren(icon("pause"));
  audio.onpause = () => button.replaceChildren(icon("play"));
  const bars = el("span", { className: "bars" });
  for (let i = 0; i < 26; i += 1) {
    const bar = el("i");
    bar.style.height = `${5 + ((media.file_unique_id.charCodeAt(i % media.file_unique_id.length) * (i + 7)) % 20)}px`;
    bars.append(bar);
  }
  const length = `${Math.floor(media.duration / 60)}:${String(media.duration % 60).padStart(2, "0")}`;
  return el("div", { className: "voice", role: "group", "aria-label": label }, button, bars, el("span", { className: "length" }, length));
}

function card(name, symbol, title, detail, props = {}) {
  return el(name, { className: "card", ...props }, el("span", { className: "badge" }, icon(symbol)), el("span", {}, el("b", { dir: "auto" }, title), el("small", {}, detail)));
}

function place({ latitude, longitude }) {
  return el(
    "div",
    {},
    el("div", { className: "map", role: "img", "aria-label": "Location" }, icon("pin")),
    el("small", {}, `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`),
  );
}

function keyboard(message, rows, context) {
  return el(
    "div",
    { className: "keys" },
    ...rows.map((row) => el("div", {}, ...row.map((button) => key(message, button, context)))),
  );
}

function key(message, button, context) {
  const waiting = button.callback_data !== undefined && context.isWaiting(message.message_id, button.callback_data);
  const node = el("button", { type: "button", "data-testid": "button", dir: "auto", className: waiting ? "waiting" : "", "aria-busy": String(waiting) }, button.text);
  if (button.callback_data !== undefined) node.onclick = () => context.tap(message.message_id, button.callback_data);
  else if (button.url) {
    node.append(icon("link"));
    node.onclick = () => openLink(button.url, context);
  } else if (button.copy_text) node.onclick = () => navigator.clipboard?.writeText(button.copy_text.text);
  else node.disabled = true;
  return node;
}
