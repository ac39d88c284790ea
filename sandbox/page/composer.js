// The foot of a phone: writing, attaching, the command menu; or Start, or Unblock.

import { act, fileFields } from "./api.js";
import { summary } from "./bubble.js";
import { el, icon, iconButton } from "./dom.js";

const TALLEST_PX = 120;

export class Composer {
  /** `phone` offers: id, state, run(promise), closePopovers(), screen, openLinkDialog(). */
  constructor(phone) {
    this.phone = phone;
    this.replyTo = null;
    this.editing = null;
    this.input = el("textarea", { rows: 1, placeholder: "Message", dir: "auto", "data-testid": "composer", maxLength: 8192 });
    this.context = el("div", { className: "context", hidden: true });
    this.slash = el("button", { type: "button", className: "icon slash", title: "Commands", "aria-label": "Commands", "aria-haspopup": "true", "data-testid": "menu-button", onclick: () => this.toggleMenu() }, "/");
    this.clip = iconButton("clip", "Attach", () => this.toggleAttach(), { "data-testid": "attach", "aria-haspopup": "true" });
    this.form = el(
      "form",
      { className: "composer", onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.clip,
      this.slash,
      this.input,
      el("button", { type: "submit", className: "icon send", "aria-label": "Send", title: "Send", "data-testid": "send" }, icon("send")),
    );
    this.foot = el("div", { className: "foot" });
    this.node = el("div", {}, this.context, this.form, this.foot);
    this.input.addEventListener("input", () => this.onInput());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Shows what the phone can do now. */
  update(state) {
    const ready = state.started && !state.blocked && !state.deactivated;
    this.input.setAttribute("aria-label", `Message from ${state.first_name}`);
    this.form.hidden = !ready;
    this.foot.hidden = ready;
    if (!ready) {
      this.setContext(null, null);
      this.foot.replaceChildren(...this.footFor(state));
    }
  }

  footFor(state) {
    if (state.deactivated) return [el("p", {}, "This account has been deleted.")];
    if (state.blocked) {
      return [el("button", { type: "button", className: "plain", "data-testid": "unblock", onclick: () => this.phone.run(act(this.phone.id, "unblock")) }, "Unblock")];
    }
    return [
      el("button", { type: "button", className: "solid", "data-testid": "start", onclick: () => this.phone.run(act(this.phone.id, "start")) }, "Start"),
      el("button", { type: "button", className: "quiet", "data-testid": "open-link", onclick: () => this.phone.openLinkDialog() }, "Start by a link instead"),
    ];
  }

  reply(view) {
    this.setContext(view, null);
    this.input.focus();
  }

  edit(view) {
    this.setContext(null, view);
    this.input.value = view.message.text ?? view.message.caption ?? "";
    this.grow();
    this.input.focus();
  }

  setContext(replyTo, editing) {
    if (this.editing && !editing) this.input.value = "";
    this.replyTo = replyTo;
    this.editing = editing;
    const view = replyTo ?? editing;
    this.context.hidden = !view;
    if (!view) return;
    this.context.replaceChildren(
      icon(editing ? "edit" : "reply"),
      el("div", {}, el("b", {}, editing ? "Edit message" : "Reply"), el("span", { dir: "auto" }, summary(view.message))),
      iconButton("close", "Cancel", () => { this.setContext(null, null); this.input.focus(); }),
    );
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.phone.closePopovers();
    const { editing, replyTo } = this;
    const sent = editing
      ? act(this.phone.id, "edit", { message_id: editing.message.message_id, text })
      : act(this.phone.id, "text", { text, reply_to: replyTo?.message.message_id ?? null });
    if (await this.phone.run(sent)) {
      this.setContext(null, null);
      this.input.value = "";
      this.grow();
    }
  }

  onInput() {
    this.grow();
    if (this.input.value.startsWith("/") && !this.input.value.includes(" ")) this.openMenu(this.input.value.slice(1).toLowerCase());
    else this.phone.closePopovers();
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.phone.closePopovers();
      this.setContext(null, null);
    }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(TALLEST_PX, Math.max(38, this.input.scrollHeight + 2))}px`;
  }

  toggleMenu() {
    if (!this.phone.closePopovers()) this.openMenu("", true);
  }

  openMenu(prefix, focus = false) {
    const commands = this.phone.state.menu.filter(({ command }) => command.startsWith(prefix));
    if (!commands.length && prefix) {
      this.phone.closePopovers();
      return;
    }
    const entries = commands.map(({ command, description }) =>
      el("button", { type: "button", "data-testid": "command", onclick: () => this.sendCommand(command) }, el("b", {}, `/${command}`), el("span", { dir: "auto" }, description)));
    this.popover("Commands", entries.length ? entries : [el("p", {}, "The bot offers no commands to this phone.")], focus);
  }

  sendCommand(command) {
    this.phone.closePopovers();
    this.input.value = "";
    this.grow();
    this.phone.run(act(this.phone.id, "text", { text: `/${command}` }));
  }

  toggleAttach() {
    if (this.phone.closePopovers()) return;
    const choice = (label, run) => el("button", { type: "button", onclick: () => { this.phone.closePopovers(); run(); } }, label);
    const simple = (label, action, body) => choice(label, () => this.phone.run(act(this.phone.id, action, body)));
    this.popover("Attach", [
      simple("Sample picture", "photo"),
      choice("Picture from a file…", () => this.pick("photo", "image/*")),
      simple("Voice message", "voice"),
      simple("Sticker", "sticker"),
      simple("Location", "location", { latitude: 53.3498, longitude: -6.2603 }),
      simple("Contact", "contact", { phone_number: "+353 20 910 0000", user_id: this.phone.id }),
      choice("Document from a file…", () => this.pick("document", "")),
    ], true);
  }

  pick(action, accept) {
    const input = el("input", { type: "file", accept });
    input.onchange = async () => {
      const [file] = input.files;
      if (file) this.phone.run(act(this.phone.id, action, await fileFields(file)));
    };
    input.click();
  }

  popover(label, children, focus) {
    this.phone.closePopovers();
    const node = el("div", { className: "popover low", role: "group", "aria-label": label }, ...children);
    this.phone.screen.append(node);
    if (focus) node.querySelector("button")?.focus();
  }
}
