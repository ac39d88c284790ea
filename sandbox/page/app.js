// The page: follows the sandbox and hands every change to the part that shows it.

import { follow } from "./api.js";
import { askForPhone, chooseStart } from "./dialogs.js";
import { byId } from "./dom.js";
import { Drawer } from "./drawer.js";
import { PhoneView } from "./phone.js";

const CLOCK_MS = 10_000;

const phones = new Map();
let bot = { username: "", name: "" };

const drawer = new Drawer((chatId) => phones.get(Number(chatId))?.state.first_name ?? String(chatId));

const page = {
  bot: () => bot,
  chooseStart: (link, phoneId) => chooseStart(link, phoneId, [...phones.values()].map((phone) => phone.state), bot.username),
};

function take(view, isNew) {
  if (isNew) {
    for (const phone of phones.values()) phone.node.remove();
    phones.clear();
  }
  if (view.settings) {
    bot = view.settings.bot;
    byId("bot-name").textContent = `${bot.name} · @${bot.username}`;
    document.title = `Sandbox · ${bot.name}`;
  }
  for (const state of view.phones) takePhone(state);
  byId("empty").hidden = phones.size > 0;
  byId("phones").hidden = phones.size === 0;
  for (const message of view.messages) phones.get(message.user_id)?.take(message, isNew);
  drawer.entries(view.journal, isNew);
  if (view.phones.length) drawer.phones([...phones.values()].map((phone) => phone.state));
  if (view.settings) drawer.settings(view.settings);
}

function takePhone(state) {
  const known = phones.get(state.user_id);
  if (known) {
    known.update(state);
    return;
  }
  const phone = new PhoneView(state, page);
  phones.set(state.user_id, phone);
  byId("phones").append(phone.node);
}

function showLive(state) {
  const live = byId("live");
  live.dataset.state = state;
  live.textContent = state === "live" ? "Live" : "Reconnecting…";
}

async function addPhone() {
  const added = await askForPhone();
  const phone = added && phones.get(added.user_id);
  phone?.node.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
}

byId("add-phone").onclick = addPhone;
byId("add-first").onclick = addPhone;
document.addEventListener("pointerdown", (event) => {
  for (const phone of phones.values()) if (!phone.node.contains(event.target)) phone.closePopovers();
});
setInterval(() => phones.forEach((phone) => phone.tick()), CLOCK_MS);
follow(take, showLive);
