// Keys for who works through a queue: j and k along the rows, a letter for each thing to do (data-key).
// Single letters can be switched off (WCAG 2.1.4), and are off while somebody types.  Without this script, links do.

const KEPT = "miss.shortcuts";
const box = document.getElementById("shortcuts");
const rows = [...document.querySelectorAll("[data-row]")];

function step(by) {
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
}

function press(event) {
  if (!box?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) return;
  if (rows.length && (event.key === "j" || event.key === "k")) {
    event.preventDefault();
    step(event.key === "j" ? 1 : -1);
    return;
  }
  if (!/^[a-z]$/.test(event.key)) return;
  const target = document.querySelector(`[data-key="${event.key}"]`);
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (target.matches("a")) target.click();
}

if (box) {
  box.checked = localStorage.getItem(KEPT) !== "off";
  box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "on" : "off"));
  box.closest("[data-shortcuts]").hidden = false;
  document.addEventListener("keydown", press);
}
