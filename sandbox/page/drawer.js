// The drawer: faults that are switched on, and the journal of calls.

import { send } from "./api.js";
import { byId, el, iconButton } from "./dom.js";

const MOST_ROWS = 300;
const CUT = { cut_before: "cut", cut_after: "cut after" };
const LABELS = {
  delay: (fault) => `${fault.delay_s} s late`,
  cut_before: () => "connection cut, nothing done",
  cut_after: () => "done, then connection cut",
  duplicate_updates: () => "updates twice",
  reorder_updates: () => "updates out of order",
  error: (fault) => (fault.status === 429 ? `429, retry after ${fault.retry_after} s` : `answers ${fault.status}`),
};

export class Drawer {
  /** `nameOf(chatId)` gives a phone owner's name. */
  constructor(nameOf) {
    this.nameOf = nameOf;
    this.node = byId("drawer");
    this.form = byId("fault-form");
    this.list = byId("journal");
    this.emptyPolls = byId("empty-polls");
    this.tabs = ["faults", "journal"];
    for (const name of this.tabs) {
      byId(`tab-${name}`).onclick = () => this.open(name);
      byId(`open-${name}`).onclick = () => this.toggle(name);
    }
    byId("close-drawer").onclick = () => this.close();
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.form.onsubmit = (event) => { event.preventDefault(); this.addFault(); };
    this.form.onchange = () => this.showFields();
    byId("clear-faults").onclick = () => send("DELETE", "faults");
    byId("limits").onchange = (event) => send("PUT", "limits", { on: event.target.checked });
    this.emptyPolls.onchange = () => this.filter();
    this.showFields();
  }

  open(name) {
    this.node.hidden = false;
    this.shown = name;
    for (const tab of this.tabs) {
      const selected = tab === name;
      byId(`tab-${tab}`).setAttribute("aria-selected", String(selected));
      byId(`tab-${tab}`).tabIndex = selected ? 0 : -1;
      byId(`panel-${tab}`).hidden = !selected;
    }
  }

  toggle(name) {
    if (!this.node.hidden && this.shown === name) {
      this.close();
      return;
    }
    this.open(name);
    byId(`tab-${name}`).focus();
  }

  close() {
    this.node.hidden = true;
    byId(`open-${this.shown}`).focus();
  }

  onKey(event) {
    if (event.key === "Escape") this.close();
    if (event.target.role === "tab" && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const other = this.tabs.find((name) => name !== this.shown);
      this.open(other);
      byId(`tab-${other}`).focus();
    }
  }

  // Faults

  showFields() {
    const { kind, status } = Object.fromEntries(new FormData(this.form));
    const ofUpdates = kind.endsWith("_updates");
    for (const label of this.form.querySelectorAll("[data-for]")) {
      const wanted = label.dataset.for === kind || (label.dataset.for === "calls" && !ofUpdates);
      label.hidden = !wanted || (label.dataset.status !== undefined && label.dataset.status !== status);
    }
  }

  async addFault() {
    const fields = Object.fromEntries(new FormData(this.form));
    await send("POST", "faults", {
      kind: fields.kind,
      method: fields.method.trim() || "*",
      chat_id: fields.chat_id ? Number(fields.chat_id) : null,
      status: Number(fields.status),
      retry_after: Number(fields.retry_after) || 1,
      delay_s: Number(fields.delay_s),
      times: fields.times ? Number(fields.times) : null,
      probability: Number(fields.chance) / 100,
    });
  }

  settings({ faults, limits }) {
    byId("faults").replaceChildren(...faults.map((fault) => this.faultRow(fault)));
    byId("clear-faults").hidden = faults.length < 2;
    byId("fault-count").hidden = faults.length === 0;
    byId("fault-count").textContent = String(faults.length);
    byId("limits").checked = limits.on;
    byId("limits-text").textContent = `${limits.overall_per_s} messages/s in all, ${limits.chat_per_s}/s per chat after ${limits.chat_burst}`;
  }

  faultRow(fault) {
    const parts = [LABELS[fault.kind](fault)];
    if (!fault.kind.endsWith("_updates")) parts.unshift(fault.method === "*" ? "all methods" : fault.method);
    if (fault.chat_id !== null) parts.push(`for ${this.nameOf(fault.chat_id)}`);
    if (fault.probability < 1) parts.push(`${Math.round(fault.probability * 100)} %`);
    if (fault.times !== null) parts.push(`${fault.times}×`);
    return el("li", { "data-testid": "fault" }, el("span", {}, parts.join(" · ")), iconButton("close", "Remove this fault", () => send("DELETE", `faults/${fault.id}`)));
  }

  phones(states) {
    const select = byId("fault-phones");
    const chosen = select.value;
    select.replaceChildren(el("option", { value: "" }, "All"), ...states.map((state) => el("option", { value: String(state.user_id) }, state.first_name)));
    select.value = chosen;
  }

  // Journal

  entries(entries, isNew) {
    if (isNew) this.list.replaceChildren();
    for (const entry of entries) this.list.prepend(this.entryRow(entry));
    while (this.list.children.length > MOST_ROWS) this.list.lastElementChild.remove();
  }

  filter() {
    for (const row of this.list.querySelectorAll("[data-empty]")) row.hidden = !this.emptyPolls.checked;
  }

  entryRow(entry) {
    const { method, params, status } = entry;
    const isEmpty = method === "getUpdates" && status === 200 && entry.updates.length === 0;
    const who = params.chat_id ? this.nameOf(params.chat_id) : entry.updates.length ? `${entry.updates.length} update${entry.updates.length > 1 ? "s" : ""}` : "";
    const code = status ?? CUT[entry.fault] ?? "no answer";
    const details = el(
      "details",
      {},
      el(
        "summary",
        {},
        el("time", {}, clockTime(entry.at_ms)),
        el("span", { className: "method" }, method),
        el("span", { className: "who", dir: "auto" }, entry.description ?? who),
        el("span", { className: status === 200 || status === 204 ? "code" : "code bad" }, String(code)),
      ),
    );
    details.addEventListener("toggle", () => {
      if (details.open && !details.querySelector("pre")) details.append(el("pre", { tabIndex: 0 }, readable(entry)));
    });
    const row = el("li", { "data-testid": "call", "data-method": method }, details);
    if (isEmpty) {
      row.dataset.empty = "";
      row.hidden = !this.emptyPolls.checked;
    }
    return row;
  }
}

function readable(entry) {
  const shown = { params: entry.params };
  for (const key of ["description", "fault", "result"]) if (entry[key] !== null) shown[key] = entry[key];
  if (entry.updates.length) shown.updates = entry.updates;
  return JSON.stringify(shown, null, 2);
}

function clockTime(ms) {
  const at = new Date(ms);
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
