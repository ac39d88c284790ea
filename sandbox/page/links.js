// Deep links to the bot, and how other links open.

import { el } from "./dom.js";

const PAYLOAD = /^[A-Za-z0-9_-]{0,64}$/;

/** The start payload in a link to this bot (or a bare payload); null if it is neither. */
export function payloadOf(text, botUsername) {
  const given = text.trim();
  if (PAYLOAD.test(given)) return given;
  let url;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`);
  } catch {
    return null;
  }
  const isWeb = ["t.me", "telegram.me", "telegram.dog"].includes(url.hostname);
  const named = isWeb ? url.pathname.slice(1) : url.protocol === "tg:" ? url.searchParams.get("domain") : null;
  if (named?.toLowerCase() !== botUsername.toLowerCase()) return null;
  const payload = url.searchParams.get("start") ?? "";
  return PAYLOAD.test(payload) ? payload : null;
}

/** A link in a bubble: one to this bot asks which phone opens it, others open in a new tab. */
export function anchor(url, context, ...children) {
  const link = el("a", { href: safe(url), title: url, rel: "noopener noreferrer", target: "_blank" }, ...children);
  link.addEventListener("click", (event) => openLink(url, context, event));
  return link;
}

/** Opens a url from a phone, asking which phone where it starts this bot. */
export function openLink(url, context, event) {
  const looksLikeLink = /[./:]/.test(url);
  const payload = looksLikeLink ? payloadOf(url, context.bot.username) : null;
  if (payload !== null) {
    event?.preventDefault();
    context.chooseStart(url, context.phoneId);
  } else if (!event) {
    window.open(safe(url), "_blank", "noopener,noreferrer");
  }
}

/** Only addresses a browser may be sent to. */
function safe(url) {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `https://${url}`;
  return /^(https?|mailto|tel|tg):/i.test(full) ? full : "#";
}
