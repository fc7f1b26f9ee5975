// Lists that keep themselves current, and the keys of a worklist.  Without this script, links, buttons and a reload do.
//
// The server says that something moved, by number and version only; the region is then read again as a page.  Nothing
// is replaced under somebody who is choosing or typing.  Whoever does not touch the page for a while is left in peace:
// asking for the list counts as use, and must not keep a session open that nobody is at.

const KEPT = "miss.shortcuts";
const GATHER_MS = 300;
const POLL_MS = 60_000;
const RETRY_MS = 300_000;
const PAUSE_MS = 600_000;

const status = document.querySelector("[data-live-status]");
const held = document.querySelector("[data-live-held]");
let region = document.querySelector("[data-live]");
let source = null;
let gathering = 0;
let polling = 0;
let pausing = 0;
let paused = false;

const rows = () => [...document.querySelectorAll("[data-row]")];
const names = () => new Set(rows().map((row) => row.dataset.row));

function fetchRegion() {
  return new Promise((resolve) => {
    const ask = new XMLHttpRequest();
    ask.open("GET", location.href);
    ask.responseType = "document";
    ask.addEventListener("loadend", () => {
      const found = ask.status === 200 ? ask.response?.querySelector("[data-live]") : null;
      resolve(found ?? null);
    });
    ask.send();
  });
}

function isBusy() {
  const at = document.activeElement;
  return region.contains(at) && (at.matches("input, select, textarea") || at.closest("details[data-decline][open]"));
}

function marksOf(root) {
  const open = [...root.querySelectorAll("details[open]")].map((one) => markOf(root, one));
  const at = root.contains(document.activeElement) ? document.activeElement : null;
  const focus = at && { row: at.closest("[data-row]")?.dataset.row, key: at.dataset.key, href: at.getAttribute("href") };
  return { open, focus };
}

function markOf(root, details) {
  const row = details.closest("[data-row]");
  return `${row?.dataset.row ?? ""} ${[...(row ?? root).querySelectorAll("details")].indexOf(details)}`;
}

function restore(root, marks) {
  for (const details of root.querySelectorAll("details")) {
    if (marks.open.includes(markOf(root, details))) details.open = true;
  }
  if (!marks.focus) return;
  const row = marks.focus.row && root.querySelector(`[data-row="${CSS.escape(marks.focus.row)}"]`);
  const inside = row || root;
  const same =
    (marks.focus.key && inside.querySelector(`[data-key="${CSS.escape(marks.focus.key)}"]`)) ||
    (marks.focus.href && inside.querySelector(`[href="${CSS.escape(marks.focus.href)}"]`));
  (same || row || rows()[0])?.focus({ preventScroll: true });
}

function show(fresh) {
  const before = names();
  const marks = marksOf(region);
  region.replaceWith(document.adoptNode(fresh));
  region = fresh;
  restore(region, marks);
  held.hidden = true;
  const added = [...names()].filter((name) => !before.has(name));
  status.textContent = added.length ? `${region.dataset.saidNew} ${added.join(", ")}` : region.dataset.said;
}

async function refresh(asked = false) {
  const fresh = await fetchRegion();
  if (!fresh) return;
  if (fresh.innerHTML === region.innerHTML) {
    region.dataset.version = fresh.dataset.version;
  } else if (isBusy() && !asked) {
    held.querySelector("[data-live-words]").textContent = region.dataset.saidHeld;
    held.querySelector("[data-live-reload]").textContent = region.dataset.sayReload;
    held.hidden = false;
  } else {
    show(fresh);
  }
}

function refreshSoon() {
  clearTimeout(gathering);
  gathering = setTimeout(refresh, GATHER_MS);
}

function listen() {
  clearInterval(polling);
  source = new EventSource(region.dataset.live);
  source.addEventListener("hello", (event) => {
    if (JSON.parse(event.data).version !== region.dataset.version) refreshSoon();
  });
  source.addEventListener("moved", refreshSoon);
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
    silence();
    polling = setInterval(refresh, POLL_MS);
    gathering = setTimeout(() => !paused && listen(), RETRY_MS);
  });
}

function silence() {
  source?.close();
  source = null;
  clearInterval(polling);
  clearTimeout(gathering);
}

function pause() {
  paused = true;
  silence();
  status.textContent = region.dataset.saidPaused;
}

function touch() {
  clearTimeout(pausing);
  pausing = setTimeout(pause, PAUSE_MS);
  if (!paused) return;
  paused = false;
  status.textContent = "";
  listen();
}

function step(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement?.closest("[data-row]"));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
}

function press(event) {
  if (!document.getElementById("shortcuts")?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) return;
  if (event.key === "?") {
    const help = document.getElementById("keys");
    help.open = !help.open;
    help.querySelector("summary").focus();
  } else if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  } else if (/^[oard]$/.test(event.key)) {
    const row = document.activeElement?.closest("[data-row]");
    const target = row?.querySelector(`[data-key="${event.key}"]`);
    if (!row) step(1); // first the row, then the act: a slip accepts nothing
    if (!target) return;
    target.focus();
    target.click();
    if (event.key === "d") row.querySelector("select")?.focus();
  } else {
    return;
  }
  event.preventDefault();
}

function startKeys(box) {
  box.checked = localStorage.getItem(KEPT) !== "off";
  box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "on" : "off"));
  box.closest("[data-shortcuts]").hidden = false;
  document.getElementById("keys").hidden = false;
  document.addEventListener("keydown", press);
}

if (region) {
  held.querySelector("[data-live-reload]").addEventListener("click", () => refresh(true));
  for (const kind of ["keydown", "pointerdown", "focus"]) window.addEventListener(kind, touch, { passive: true });
  window.addEventListener("pagehide", silence);
  window.addEventListener("pageshow", (event) => event.persisted && listen());
  touch();
  listen();
}
const box = document.getElementById("shortcuts");
if (box) startKeys(box);
