// The week as a grid of half-hours over the list of hours, where a browser runs scripts: the list stays the form, and
// the grid only writes its rows.  Keyboard: the grid pattern of the ARIA Authoring Practices Guide.
// Hours that are not on the half-hour cannot be drawn: then the list is all there is.

const DAYS = 7;
const HALVES = 48;
const USUAL = [14, 40]; // 7 h to 20 h
const HOLD_MS = 250; // a finger that rests draws; one that moves at once scrolls the page
const SLIP_PX = 10;

const clock = (half) => `${String(Math.floor(half / 2) % 24).padStart(2, "0")}:${half % 2 ? "30" : "00"}`;
const spoken = (half) => (document.documentElement.lang === "fr"
  ? `${Math.floor(half / 2)} h${half % 2 ? " 30" : ""}`
  : clock(half));

/** Half-hours since midnight; null if it is not on one. */
function halfOf(text, isEnd) {
  const match = /^(\d\d):(\d\d)/.exec(text);
  if (!match || Number(match[2]) % 30 !== 0) return null;
  const half = Number(match[1]) * 2 + Number(match[2]) / 30;
  return isEnd && half === 0 ? HALVES : half;
}

class Week {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.days = JSON.parse(form.dataset.days);
    this.list = form.querySelector("[data-week-list]");
    this.place = form.querySelector("[data-grid-place]");
    this.status = form.querySelector("[data-status]");
    this.open = Array.from({ length: DAYS }, () => new Array(HALVES).fill(false));
    this.gestures = [];
    this.at = { day: 0, half: 18 };
    this.dirty = false;
  }

  start() {
    if ("undrawn" in this.words) this.takeOwnZone();
    this.build();
    if (this.read()) this.show(true);
    else this.show(false);
    this.form.addEventListener("submit", () => { this.dirty = false; });
    window.addEventListener("beforeunload", (event) => { if (this.dirty) event.preventDefault(); });
  }

  /** A first week is meant on the clock of who draws it, wherever their pool is. */
  takeOwnZone() {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const select = this.form.elements.zone;
    if ([...select.options].some((option) => option.value === own)) select.value = own;
  }

  /** The list into the grid; false if the grid cannot show it. */
  read() {
    const drawn = Array.from({ length: DAYS }, () => new Array(HALVES).fill(false));
    for (const fieldset of this.list.querySelectorAll("[data-day]")) {
      for (const row of fieldset.querySelectorAll(".slot")) {
        const [start, end] = [...row.querySelectorAll("input[type=time]")].map((input) => input.value);
        if ((!start && !end) || row.querySelector("input[type=checkbox]")?.checked) continue;
        const [from, until] = [halfOf(start, false), halfOf(end, true)];
        if (from === null || until === null || from >= until) return false;
        drawn[fieldset.dataset.day].fill(true, from, until);
      }
    }
    this.open = drawn;
    return true;
  }

  /** The grid into the list: as many rows as there are slots, and a blank one. */
  write() {
    for (const fieldset of this.list.querySelectorAll("[data-day]")) {
      const day = this.open[fieldset.dataset.day];
      const rows = [...fieldset.querySelectorAll(".slot")];
      const blank = rows.at(-1);
      for (const row of rows.slice(0, -1)) row.remove();
      for (let half = 0; half < HALVES; half += 1) {
        if (!day[half] || day[half - 1]) continue;
        let until = half;
        while (until < HALVES && day[until]) until += 1;
        const row = blank.cloneNode(true);
        const [start, end] = row.querySelectorAll("input[type=time]");
        [start.value, end.value] = [clock(half), clock(until)];
        blank.before(row);
      }
      for (const input of blank.querySelectorAll("input[type=time]")) input.value = "";
    }
  }

  build() {
    this.table = document.createElement("table");
    this.table.className = "week-grid";
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-multiselectable", "true");
    this.table.setAttribute("aria-describedby", "week-help");
    const caption = this.table.createCaption();
    caption.textContent = this.words.caption;
    const head = this.table.createTHead().insertRow();
    const corner = document.createElement("th");
    corner.scope = "col";
    corner.append(Object.assign(document.createElement("span"), {
      className: "visually-hidden", textContent: this.words.time,
    }));
    head.append(corner);
    for (const name of this.days) {
      const header = document.createElement("th");
      header.scope = "col";
      header.append(Object.assign(document.createElement("abbr"), { title: name, textContent: name.slice(0, 3) }));
      head.append(header);
    }
    const body = this.table.createTBody();
    this.cells = Array.from({ length: DAYS }, () => []);
    for (let half = 0; half < HALVES; half += 1) {
      const row = body.insertRow();
      const header = document.createElement("th");
      header.scope = "row";
      header.textContent = half % 2 ? "" : spoken(half);
      if (half % 2) header.setAttribute("aria-label", spoken(half));
      row.append(header);
      for (let day = 0; day < DAYS; day += 1) {
        const cell = row.insertCell();
        cell.setAttribute("role", "gridcell");
        cell.setAttribute("aria-label", `${this.days[day]} ${spoken(half)}`);
        cell.tabIndex = -1;
        cell.dataset.at = `${day} ${half}`;
        this.cells[day].push(cell);
      }
    }
    this.place.append(this.table, this.buttons());
    this.listen();
  }

  buttons() {
    const row = document.createElement("p");
    row.className = "actions";
    const button = (words, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
      made.className = "button button--quiet";
      made.addEventListener("click", act);
      row.append(made);
      return made;
    };
    this.undoButton = button(this.words.undo, () => this.undo());
    this.rangeButton = button(this.words.wholeDay, () => this.toggleRange());
    this.said = Object.assign(document.createElement("span"), { className: "visually-hidden" });
    this.said.setAttribute("role", "status");
    row.append(this.said);
    this.viewButton = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet" });
    this.viewButton.addEventListener("click", () => this.show(this.place.hidden && this.read()));
    this.list.before(this.viewButton);
    return row;
  }

  show(asGrid) {
    this.place.hidden = !asGrid;
    this.list.hidden = asGrid;
    this.viewButton.textContent = asGrid ? this.words.showList : this.words.showGrid;
    const copy = this.form.querySelector("[data-copy-button]");
    copy.dataset.saves ??= copy.textContent;
    copy.textContent = asGrid ? this.words.copy : copy.dataset.saves;
    if (asGrid) this.paint();
  }

  toggleRange() {
    this.wholeDay = !this.wholeDay;
    this.rangeButton.textContent = this.wholeDay ? this.words.usualHours : this.words.wholeDay;
    this.paint();
  }

  paint() {
    const used = this.open.flatMap((day) => day.map((is, half) => (is ? half : -1)).filter((half) => half >= 0));
    const first = this.wholeDay ? 0 : Math.min(USUAL[0], ...used);
    const last = this.wholeDay ? HALVES : Math.max(USUAL[1], ...used.map((half) => half + 1));
    this.shown = [first - (first % 2), last];
    this.at.half = Math.min(Math.max(this.at.half, this.shown[0]), last - 1);
    for (let half = 0; half < HALVES; half += 1) {
      this.table.tBodies[0].rows[half].hidden = half < this.shown[0] || half >= last;
      for (let day = 0; day < DAYS; day += 1) {
        const cell = this.cells[day][half];
        cell.setAttribute("aria-selected", String(this.open[day][half]));
        cell.tabIndex = day === this.at.day && half === this.at.half ? 0 : -1;
      }
    }
    this.undoButton.disabled = this.gestures.length === 0;
    this.status.hidden = !this.dirty;
    this.status.textContent = this.dirty ? this.words.unsaved : "";
  }

  /** One gesture begins: what was there can come back. */
  begin() {
    this.gestures.push(this.open.map((day) => [...day]));
    if (this.gestures.length > 100) this.gestures.shift();
  }

  end() {
    this.dirty = true;
    this.write();
    this.paint();
  }

  undo() {
    const before = this.gestures.pop();
    if (!before) return;
    this.open = before;
    this.said.textContent = this.words.undone;
    this.end();
  }

  /** A rectangle from where the gesture began, over what was there before it. */
  draw(from, to, value) {
    const before = this.gestures.at(-1);
    this.open = before.map((day) => [...day]);
    for (let day = Math.min(from.day, to.day); day <= Math.max(from.day, to.day); day += 1) {
      this.open[day].fill(value, Math.min(from.half, to.half), Math.max(from.half, to.half) + 1);
    }
    this.paint();
  }

  tell(from, to, value) {
    const [first, last] = [Math.min(from.half, to.half), Math.max(from.half, to.half) + 1];
    this.said.textContent = `${this.days[to.day]} ${spoken(first)} – ${spoken(last)} : ${value ? this.words.open : this.words.closed}`;
  }

  listen() {
    const cellAt = (target) => {
      const cell = target?.closest?.("[data-at]");
      if (!cell || !this.table.contains(cell)) return null;
      const [day, half] = cell.dataset.at.split(" ").map(Number);
      return { day, half };
    };
    let drawing = null;
    const begin = (spot) => {
      drawing = { from: spot, to: spot, value: !this.open[spot.day][spot.half] };
      this.begin();
      this.at = { ...spot };
      this.draw(spot, spot, drawing.value);
    };
    const move = (x, y) => {
      const spot = drawing && cellAt(document.elementFromPoint(x, y));
      if (!spot || (spot.day === drawing.to.day && spot.half === drawing.to.half)) return;
      drawing.to = spot;
      this.draw(drawing.from, spot, drawing.value);
    };
    const finish = () => {
      if (!drawing) return;
      this.tell(drawing.from, drawing.to, drawing.value);
      drawing = null;
      this.end();
    };
    this.table.addEventListener("mousedown", (event) => {
      const spot = event.button === 0 && cellAt(event.target);
      if (!spot) return;
      begin(spot);
      this.cells[spot.day][spot.half].focus({ preventScroll: true });
      event.preventDefault();
    });
    window.addEventListener("mousemove", (event) => move(event.clientX, event.clientY));
    window.addEventListener("mouseup", finish);

    let touch = null;
    this.table.addEventListener("touchstart", (event) => {
      const spot = event.touches.length === 1 && cellAt(event.target);
      if (!spot) return;
      const { clientX, clientY } = event.touches[0];
      touch = { spot, x: clientX, y: clientY, timer: setTimeout(() => begin(spot), HOLD_MS) };
    }, { passive: true });
    this.table.addEventListener("touchmove", (event) => {
      if (!touch) return;
      const { clientX, clientY } = event.touches[0];
      if (drawing) {
        event.preventDefault();
        move(clientX, clientY);
      } else if (Math.hypot(clientX - touch.x, clientY - touch.y) > SLIP_PX) {
        clearTimeout(touch.timer);
        touch = null;
      }
    }, { passive: false });
    this.table.addEventListener("touchend", (event) => {
      if (!touch) return;
      clearTimeout(touch.timer);
      if (!drawing) begin(touch.spot);
      touch = null;
      finish();
      event.preventDefault(); // no mouse events after it
    });
    this.table.addEventListener("touchcancel", () => {
      if (touch) clearTimeout(touch.timer);
      touch = null;
      finish();
    });
    this.table.addEventListener("contextmenu", (event) => { if (touch) event.preventDefault(); });
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.form.querySelector("[data-copy-button]").addEventListener("click", (event) => this.copy(event));
    this.form.addEventListener("input", () => { if (!this.list.hidden) this.dirty = true; });
  }

  key(event) {
    const moves = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
      PageUp: [0, -4], PageDown: [0, 4], Home: [-DAYS, 0], End: [DAYS, 0],
    };
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      this.undo();
    } else if (event.key === " " || event.key === "Enter") {
      const value = !this.open[this.at.day][this.at.half];
      this.begin();
      this.draw(this.at, this.at, value);
      this.anchor = { ...this.at, value };
      this.tell(this.at, this.at, value);
      this.end();
    } else if (moves[event.key]) {
      let [days, halves] = moves[event.key];
      if (event.ctrlKey && days) halves = days < 0 ? -HALVES : HALVES; // Ctrl + Home, Ctrl + End: a corner
      const before = { ...this.at };
      this.at.day = Math.min(Math.max(this.at.day + days, 0), DAYS - 1);
      this.at.half = Math.min(Math.max(this.at.half + halves, this.shown[0]), this.shown[1] - 1);
      if (event.shiftKey) this.extend(before);
      else this.anchor = null;
      this.paint();
    } else {
      return;
    }
    event.preventDefault();
    this.cells[this.at.day][this.at.half].focus();
  }

  /** Shift and an arrow: from where Space was pressed, or from here, what is there goes on. */
  extend(before) {
    if (!this.anchor) {
      this.anchor = { ...before, value: this.open[before.day][before.half] };
      this.begin();
    }
    this.draw(this.anchor, this.at, this.anchor.value);
    this.tell(this.anchor, this.at, this.anchor.value);
    this.end();
  }

  copy(event) {
    if (this.place.hidden) return; // the list: the server copies, and saves
    event.preventDefault();
    const source = Number(this.form.elements.copy_from.value);
    const last = this.form.elements.copy_to.value === "all" ? DAYS : 5;
    this.begin();
    for (let day = 0; day < last; day += 1) this.open[day] = [...this.open[source]];
    this.said.textContent = this.words.copied;
    this.end();
  }
}

for (const form of document.querySelectorAll("form[data-week]")) new Week(form).start();
