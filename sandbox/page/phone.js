// One phone on the page: header, chat, composer, and what pops up on it.

import { act } from "./api.js";
import { messageRow } from "./bubble.js";
import { Composer } from "./composer.js";
import { dayOf, el, iconButton, timeOf } from "./dom.js";

const TOAST_MS = 4500;
const NEAR_END_PX = 90;
const ACTIONS = { typing: "typing", upload_photo: "sending a photo", record_voice: "recording", upload_voice: "sending a voice message", upload_document: "sending a file", choose_sticker: "choosing a sticker", find_location: "finding a place" };

export class PhoneView {
  /** `page` offers: bot(), chooseStart(link, phoneId). */
  constructor(state, page) {
    this.page = page;
    this.state = state;
    this.id = state.user_id;
    this.messages = new Map();
    this.rows = new Map();
    this.revealed = new Set();
    this.unread = 0;
    this.lastToast = Math.max(0, ...state.toasts.map((toast) => toast.change));
    this.composer = new Composer(this);
    this.build();
    this.update(state);
  }

  build() {
    this.caption = el("span", { className: "caption", dir: "auto" });
    this.badge = el("span", { className: "unread", hidden: true });
    this.avatar = el("span", { className: "avatar", "aria-hidden": "true" });
    this.botName = el("div", { className: "bot-name", dir: "auto" });
    this.doing = el("div", { className: "doing" });
    this.clock = el("span", {}, timeOf(Date.now() / 1000));
    this.chat = el("div", { className: "chat", role: "log", "aria-live": "polite", tabIndex: 0, "aria-label": `Chat of ${this.state.first_name}` });
    this.screen = el(
      "div",
      { className: "screen" },
      el("div", { className: "status", "aria-hidden": "true" }, this.clock, el("span", { className: "battery" })),
      el("header", { className: "head" }, this.avatar, el("div", { className: "head-text" }, this.botName, this.doing),
        iconButton("more", "More", () => this.toggleMore(), { "aria-haspopup": "true", "data-testid": "more" })),
      this.chat,
      this.composer.node,
    );
    this.node = el(
      "section",
      { className: "phone", "data-testid": "phone", "data-phone-name": this.state.first_name, "aria-label": `${this.state.first_name}'s phone` },
      el("header", { className: "owner" }, el("h2", { dir: "auto" }, this.state.first_name), this.caption, this.badge),
      el("div", { className: "frame" }, this.screen),
    );
    this.stuck = true;
    this.chat.addEventListener("scroll", () => { this.stuck = this.isAtEnd(); });
    this.chat.addEventListener("load", () => { if (this.stuck) this.toEnd(); }, true);
    for (const kind of ["pointermove", "pointerdown", "focusin"]) this.node.addEventListener(kind, () => this.markRead());
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.closePopovers(); });
    this.screen.addEventListener("pointerdown", (event) => { if (!event.target.closest(".popover, [aria-haspopup]")) this.closePopovers(); });
  }

  /** Takes the phone's new state. */
  update(state) {
    const waitedBefore = this.state.taps;
    this.state = state;
    this.caption.textContent = [state.caption, state.language_code === "en" ? "" : state.language_code].filter(Boolean).join(" · ");
    this.botName.textContent = state.bot_name;
    this.avatar.textContent = [...state.bot_name][0] ?? "";
    this.node.classList.toggle("off", state.blocked || state.deactivated);
    this.showDoing();
    this.composer.update(state);
    this.showAbout();
    for (const tap of [...waitedBefore, ...state.taps]) this.refresh(tap.message_id);
    for (const toast of state.toasts) {
      if (toast.change <= this.lastToast) continue;
      this.lastToast = toast.change;
      this.showToast(toast);
    }
  }

  showDoing() {
    clearTimeout(this.doingTimer);
    const { action, action_left_s: left } = this.state;
    this.doing.classList.toggle("acting", Boolean(action));
    this.doing.classList.toggle("dots", Boolean(action));
    this.doing.textContent = action ? (ACTIONS[action] ?? "busy") : "bot";
    if (action) this.doingTimer = setTimeout(() => { this.state.action = ""; this.showDoing(); }, left * 1000);
  }

  showAbout() {
    this.about?.remove();
    if (this.messages.size || this.state.started) return;
    const text = this.state.bot_description || "Press Start to write to this bot for the first time.";
    this.about = el("div", { className: "about" }, el("strong", {}, "What can this bot do?"), el("p", { dir: "auto" }, text));
    this.chat.append(this.about);
  }

  // Messages

  /** Takes a new or changed message. `isFirstLoad` keeps old ones from being announced. */
  take(view, isFirstLoad) {
    const id = view.message.message_id;
    const wasThere = this.rows.has(id);
    const atEnd = this.isAtEnd();
    this.messages.set(id, view);
    if (view.deleted) {
      this.rows.get(id)?.remove();
      this.rows.delete(id);
      return;
    }
    if (wasThere) this.refresh(id);
    else this.append(view, isFirstLoad);
    if (atEnd || !view.from_bot || isFirstLoad) this.toEnd();
    if (!wasThere && !isFirstLoad && view.from_bot) this.markUnread();
  }

  append(view, isFirstLoad) {
    this.about?.remove();
    const day = dayOf(view.message.date);
    if (day !== this.lastDay) {
      this.lastDay = day;
      this.chat.append(el("div", { className: "day" }, day));
    }
    const row = messageRow(view, this.context());
    if (!isFirstLoad) row.classList.add("new");
    this.rows.set(view.message.message_id, row);
    this.chat.append(row);
  }

  refresh(messageId) {
    const row = this.rows.get(messageId);
    if (!row) return;
    const fresh = messageRow(this.messages.get(messageId), this.context());
    const focused = row.contains(document.activeElement) ? [...row.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    row.replaceWith(fresh);
    this.rows.set(messageId, fresh);
    if (focused >= 0) fresh.querySelectorAll("button")[focused]?.focus();
  }

  context() {
    return {
      phoneId: this.id,
      ownerName: this.state.first_name,
      bot: { username: this.page.bot().username, name: this.state.bot_name },
      say: (text) => this.run(act(this.id, "text", { text })),
      tap: (messageId, data) => this.run(act(this.id, "tap", { message_id: messageId, data })),
      reply: (view) => this.composer.reply(view),
      edit: (view) => this.composer.edit(view),
      show: (messageId) => this.show(messageId),
      chooseStart: this.page.chooseStart,
      reveal: (messageId) => this.revealed.add(messageId),
      revealed: (messageId) => this.revealed.has(messageId),
      isWaiting: (messageId, data) => this.state.taps.some((tap) => tap.message_id === messageId && tap.data === data),
    };
  }

  show(messageId) {
    const row = this.rows.get(messageId);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.querySelector(".bubble").focus({ preventScroll: true });
  }

  isAtEnd() {
    return this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.stuck = true;
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  // Unread

  markUnread() {
    this.unread += 1;
    this.badge.textContent = String(this.unread);
    this.badge.setAttribute("aria-label", `${this.unread} unread`);
    this.badge.hidden = false;
    this.node.classList.add("fresh");
  }

  markRead() {
    if (!this.unread) return;
    this.unread = 0;
    this.badge.hidden = true;
    this.node.classList.remove("fresh");
  }

  // What pops up

  toggleMore() {
    if (this.closePopovers()) return;
    const { started, blocked, deactivated } = this.state;
    const choice = (label, run, testid) => el("button", { type: "button", "data-testid": testid, onclick: () => { this.closePopovers(); run(); } }, label);
    const node = el("div", { className: "popover high", role: "group", "aria-label": "More" },
      el("p", {}, `${this.state.username ? `@${this.state.username} · ` : ""}${this.id}`));
    if (!deactivated) {
      node.append(choice("Open a start link…", () => this.openLinkDialog(), "open-link"));
      if (blocked) node.append(choice("Unblock the bot", () => this.run(act(this.id, "unblock")), "unblock"));
      else if (started) node.append(choice("Block the bot", () => this.run(act(this.id, "block")), "block"));
      node.append(choice("Delete this account", () => this.run(act(this.id, "deactivate")), "deactivate"));
    }
    this.screen.append(node);
    node.querySelector("button")?.focus();
  }

  openLinkDialog() {
    this.page.chooseStart("", this.id);
  }

  /** True if there was something to close. */
  closePopovers() {
    const open = this.screen.querySelectorAll(".popover");
    open.forEach((node) => node.remove());
    return open.length > 0;
  }

  showToast({ text, alert, url }) {
    if (alert) {
      const node = el("div", { className: "alert", role: "alertdialog", "aria-modal": "true", "aria-label": text, "data-testid": "alert" });
      const close = el("button", { type: "button", className: "solid", onclick: () => node.remove() }, "OK");
      node.append(el("div", {}, el("p", { dir: "auto" }, text), close));
      this.screen.append(node);
      close.focus({ preventScroll: true });
      return;
    }
    if (text) this.note(text);
    if (url) this.page.chooseStart(url, this.id);
  }

  note(text) {
    this.screen.querySelector(".toast")?.remove();
    const node = el("div", { className: "toast", role: "status", dir: "auto", "data-testid": "toast" }, text);
    this.screen.append(node);
    setTimeout(() => node.remove(), TOAST_MS);
  }

  /** Waits for an action; what the server refuses is shown on the phone. True when it worked. */
  async run(promise) {
    try {
      await promise;
      return true;
    } catch (error) {
      this.note(error.message);
      return false;
    }
  }

  tick() {
    this.clock.textContent = timeOf(Date.now() / 1000);
  }
}
