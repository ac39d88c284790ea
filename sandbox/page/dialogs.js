// The two dialogs: add a phone, and choose the phone that opens a start link.

import { act, send } from "./api.js";
import { byId, el } from "./dom.js";
import { payloadOf } from "./links.js";

for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

/** Opens the form for a new phone; resolves with the phone, or null when it is cancelled. */
export function askForPhone() {
  const dialog = byId("phone-dialog");
  const form = byId("phone-form");
  const problem = form.querySelector(".problem");
  form.reset();
  problem.textContent = "";
  dialog.showModal();
  return new Promise((resolve) => {
    let added = null;
    form.onsubmit = async (event) => {
      event.preventDefault();
      const fields = Object.fromEntries(new FormData(form));
      try {
        added = await send("POST", "phones", { ...fields, username: fields.username || null });
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
      }
    };
    dialog.onclose = () => resolve(added);
  });
}

/** Lets the reader say which phone opens `link`; the phone it was found on comes first. */
export function chooseStart(link, phoneId, phones, botUsername) {
  const dialog = byId("link-dialog");
  const form = byId("link-form");
  const problem = form.querySelector(".problem");
  problem.textContent = "";
  form.elements.link.value = link;
  form.elements.link.placeholder = `https://t.me/${botUsername}?start=…`;

  const open = async (id) => {
    const payload = payloadOf(form.elements.link.value, botUsername);
    if (payload === null) {
      problem.textContent = `This is no start link of @${botUsername}.`;
      return;
    }
    try {
      const chosen = id ?? (dialog.close(), await askForPhone())?.user_id;
      if (chosen === undefined) return;
      await act(chosen, "start", { payload });
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  };

  const here = phones.filter((phone) => phone.user_id === phoneId);
  const others = phones.filter((phone) => phone.user_id !== phoneId && !phone.deactivated);
  const choice = (label, id) => el("button", { type: "button", className: "plain", "data-testid": "open-on", onclick: () => open(id) }, label);
  byId("link-choices").replaceChildren(
    ...here.map((phone) => choice(`${phone.first_name} (this phone)`, phone.user_id)),
    ...others.map((phone) => choice([phone.first_name, phone.caption].filter(Boolean).join(" · "), phone.user_id)),
    choice("A new phone…", null),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    open(phoneId);
  };
  dialog.showModal();
}
