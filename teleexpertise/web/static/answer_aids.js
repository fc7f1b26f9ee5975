// Aids of the answer page, where a browser runs scripts: codes while typing, templates at the cursor, keys.
// Every aid has a button that works without this file.

const GAP = /\[(?=\p{L})[^[\]\n]{1,40}\]/gu;

/** Tell the other scripts of the page that a control has changed. */
function changed(control) {
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Select the first gap after the cursor, else the first one; false if there is none. */
function selectGap(area, from) {
  const gaps = [...area.value.matchAll(GAP)];
  const gap = gaps.find((one) => one.index >= from) ?? gaps[0];
  if (!gap) return false;
  area.focus();
  area.setSelectionRange(gap.index, gap.index + gap[0].length);
  return true;
}

/** « Insérer » puts the chosen text where the cursor was, and selects what is to be filled in. */
function setUpTemplates(aid) {
  const choice = aid.querySelector("select");
  const button = aid.querySelector("button[value='insert']");
  const area = aid.closest("[data-item]")?.querySelector("textarea");
  if (!choice || !button || !area) return;
  const insert = (event) => {
    event.preventDefault();
    const text = choice.selectedOptions[0]?.dataset.text;
    if (!text) return;
    const at = area.selectionEnd ?? area.value.length;
    const before = area.value.slice(0, at);
    const glue = before && !before.endsWith("\n") ? "\n" : "";
    area.setRangeText(glue + text, at, at, "end");
    choice.value = "";
    if (!selectGap(area, at)) area.focus();
    changed(area);
  };
  button.addEventListener("click", insert);
  choice.addEventListener("keydown", (event) => {
    if (event.key === "Enter") insert(event);
  });
  area.setAttribute("aria-keyshortcuts", "F2");
  area.addEventListener("keydown", (event) => {
    if (event.key === "F2" && selectGap(area, area.selectionEnd)) event.preventDefault();
  });
}

/** A list of codes under the diagnosis (WAI-ARIA combobox with a list box). */
class CodePicker {
  constructor(aid, input, status) {
    this.address = aid.dataset.codes;
    this.input = input;
    this.status = status;
    this.asked = 0;
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-codes`;
    this.list.className = "picker";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "CIM-10");
    this.list.hidden = true;
    aid.prepend(this.list);
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.setAttribute("aria-controls", this.list.id);
    input.autocomplete = "off";
    input.addEventListener("input", (event) => {
      if (event.isTrusted) this.wait();
    });
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("[role='option']");
      if (!option) return;
      event.preventDefault();
      this.take(option);
    });
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), 150);
  }

  async search() {
    const query = this.input.value.trim();
    this.asked += 1;
    const mine = this.asked;
    if (query.length < 2) {
      this.close();
      return;
    }
    let found = [];
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(query.slice(0, 80))}`);
      found = answer.ok ? await answer.json() : [];
    } catch {
      found = [];
    }
    if (mine === this.asked && document.activeElement === this.input) this.show(found);
  }

  show(found) {
    this.active = -1;
    this.list.replaceChildren(...found.map((one, rank) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${rank}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.words = one.words;
      const code = document.createElement("strong");
      code.textContent = one.code;
      option.append(code, ` ${one.label}`);
      return option;
    }));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    if (this.status) {
      this.status.textContent = found.length ? `${found.length} ${this.status.dataset.some}` : this.status.dataset.none;
    }
  }

  press(event) {
    const options = [...this.list.children];
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length && !this.list.hidden) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = this.active < 0 && step < 0 ? 0 : this.active;
      this.move(options, (from + step + options.length) % options.length);
    } else if (event.key === "Enter" && !this.list.hidden && this.active >= 0) {
      event.preventDefault();
      this.take(options[this.active]);
    }
  }

  move(options, to) {
    options.forEach((option, rank) => option.setAttribute("aria-selected", String(rank === to)));
    this.active = to;
    this.input.setAttribute("aria-activedescendant", options[to].id);
    options[to].scrollIntoView({ block: "nearest" });
  }

  take(option) {
    this.input.value = option.dataset.words.slice(0, this.input.maxLength > 0 ? this.input.maxLength : undefined);
    this.close();
    changed(this.input);
  }

  close() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

for (const aid of document.querySelectorAll("[data-templates]")) setUpTemplates(aid);
for (const aid of document.querySelectorAll("[data-codes]")) {
  const input = document.getElementById(aid.dataset.for);
  if (input) new CodePicker(aid, input, document.querySelector("[data-codes-status]"));
  aid.querySelector("button[value='search']")?.setAttribute("hidden", "");
}
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
for (const form of document.querySelectorAll("form[data-guided-form]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
