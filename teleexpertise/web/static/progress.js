// What is missing, what the answers bring about, remarks on the identity: as the server says, or at once where it can.

import { broughtAbout } from "./answers.js";
import { element, say } from "./words.js";

const howMany = (count) => (count === 0 ? say("complete") : count === 1 ? say("missingOne") : say("missingMany", { count }));

/** Show the server's account of the draft. */
export function showProgress(form, progress) {
  const meter = form.querySelector("[data-progress]");
  meter.max = Math.max(progress.asked, 1);
  meter.value = progress.answered;
  form.querySelector("[data-missing-title]").textContent = howMany(progress.missing.length);
  form.querySelector("[data-missing-list]").replaceChildren(
    ...progress.missing.map((one) => {
      const line = element("li");
      line.append(one.target ? element("a", "", one.text, { href: `#${one.target}` }) : one.text);
      return line;
    }),
  );
  showNext(form, progress.missing);
  for (const section of progress.sections) {
    const count = document.querySelector(`[data-section="${section.target}"] [data-count]`);
    if (!count) continue;
    const hidden = element("span", "visually-hidden", ` ${say(section.missing ? "toComplete" : "done")}`);
    count.replaceChildren(...(section.missing ? [`(${section.missing}`, hidden, ")"] : ["✓", hidden]));
  }
}

/** The link of the bar: to the first answer that is missing, or to the end. */
export function showNext(form, missing) {
  const next = form.querySelector("[data-next]");
  next.textContent = howMany(missing.length);
  next.href = `#${missing.find((one) => one.target)?.target ?? "missing"}`;
}

/** Deadlines that the answers force and what forbids sending, as soon as they are ticked. */
export function showConsequences(form) {
  const rules = broughtAbout(form);
  const hours = Math.min(...rules.filter((rule) => rule.hours).map((rule) => rule.hours));
  const reasons = rules.filter((rule) => rule.hours).map((rule) => rule.text);
  const lines = rules.filter((rule) => !rule.hours).map((rule) => element("p", "notice notice--urgent", rule.text));
  if (reasons.length) {
    const words = [say("due", { hours }), ...new Set(reasons)].join(" ");
    lines.push(element("p", "notice notice--late", words));
  }
  const place = form.querySelector("[data-consequences]");
  const said = lines.map((line) => line.textContent).join("\n");
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  place.replaceChildren(...lines);
  showBesideAlert(form, reasons.length ? say("due", { hours }) : "");
}

/** The forced deadline stands beside the red flags too, where it is decided. */
function showBesideAlert(form, words) {
  const alert = form.querySelector("fieldset.field--alert");
  let line = alert?.querySelector("[data-due]");
  if (alert && !line) {
    line = element("p", "field__hint");
    line.dataset.due = "";
    alert.append(line);
  }
  if (line) line.textContent = words;
}

/** Remarks at their questions, by the id of the field. */
export function showNotes(form, notes) {
  for (const control of form.querySelectorAll("[data-note]")) {
    if (!(control.id.replace(/-note$/, "") in notes)) control.remove();
  }
  for (const [id, note] of Object.entries(notes)) {
    let line = document.getElementById(`${id}-note`);
    const control = document.getElementById(id);
    if (!line) {
      line = element("span", "", "", { id: `${id}-note` });
      line.dataset.note = "";
      line.setAttribute("role", "status");
      const field = control.closest(".field");
      field.append(line);
      const described = field.matches("fieldset") ? field : control;
      described.setAttribute("aria-describedby", `${described.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
    }
    line.className = `field__note field__note--${note.tone}`;
    if (line.textContent !== note.text) line.textContent = note.text;
  }
}

/** Links to a question bring the keyboard to it, in the middle of the screen. */
export function followLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#f-"], a[href="#missing"]');
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    if (target.matches("fieldset")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: target.matches("fieldset, section") ? "start" : "center" });
  });
}
