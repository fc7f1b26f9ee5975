// What a guided form holds and what that opens: enableWhen, « Aucun » alone, the time of each answer.
// The server decides everything again; nothing here says whether a form may be sent.

/** The values that are chosen or typed for a question, as the server will read them. */
function valuesOf(form, name) {
  const controls = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
  const values = [];
  for (const control of controls) {
    if (control.disabled) continue;
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.checked) values.push(control.value);
    } else if (control.value.trim() !== "") {
      values.push(control.value.trim());
    }
  }
  return values;
}

/** One condition of an item or of a rule (FHIR R4 enableWhen.operator, and ours: `count>=`). */
function holds(condition, values) {
  const { operator, answer } = condition;
  const compare = (value) => (Number.isNaN(Number(value)) || Number.isNaN(Number(answer))
    ? value.localeCompare(answer)
    : Number(value) - Number(answer));
  switch (operator) {
    case "exists": return (values.length > 0) === (answer === "true");
    case "=": return values.includes(answer);
    case "!=": return !values.includes(answer);
    case ">": return values.some((value) => compare(value) > 0);
    case "<": return values.some((value) => compare(value) < 0);
    case ">=": return values.some((value) => compare(value) >= 0);
    case "<=": return values.some((value) => compare(value) <= 0);
    case "count>=": return new Set(values).size >= Number(answer);
    default: return true;
  }
}

/** Show what the answers open, hide and disable the rest: a disabled control is not sent. */
export function refresh(form) {
  for (const item of form.querySelectorAll("[data-enable-when]")) {
    const rule = JSON.parse(item.dataset.enableWhen);
    const results = rule.conditions.map((condition) => holds(condition, valuesOf(form, condition.question)));
    const inClosed = item.parentElement.closest("[data-enable-when][hidden]") !== null;
    const open = !inClosed && (rule.any ? results.some(Boolean) : results.every(Boolean));
    item.hidden = !open;
    for (const control of item.querySelectorAll("input, select, textarea")) control.disabled = !open;
  }
}

/** The rules of the form (data-rules) that its answers bring about now. */
export function broughtAbout(form) {
  const rules = JSON.parse(form.dataset.rules ?? "[]");
  return rules.filter((rule) => rule.conditions.every((one) => holds(one, valuesOf(form, one.question))));
}

/** An exclusive option clears the others, and any other clears it. */
function keepExclusive(changed) {
  if (changed.type !== "checkbox" || !changed.checked) return;
  const name = CSS.escape(changed.name);
  for (const other of changed.form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)) {
    const clash = "exclusive" in changed.dataset || "exclusive" in other.dataset;
    if (other !== changed && clash) other.checked = false;
  }
}

/** When an item was last touched, on the server's clock: of two writings of an answer, the later one counts. */
export function stamp(form, item, name) {
  const field = `answered_at:${name}`;
  let hidden = form.querySelector(`input[name="${CSS.escape(field)}"]`);
  if (!hidden) {
    hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = field;
    // Inside the item, so that it is disabled with it: what is closed is neither answered nor emptied.
    item.append(hidden);
  }
  hidden.value = String(Date.now() + Number(form.dataset.ahead ?? 0));
}

function touched(control) {
  const item = control.closest("[data-item]");
  if (!item || !control.name || control.type === "hidden" || control.type === "file" || control.name === "remove") return;
  stamp(control.form, item, control.name);
}

/** What a browser filled in by itself, coming back to the page, was touched as much as what is typed. */
function stampRestored(form) {
  for (const control of form.elements) {
    const differs = control.type === "radio" || control.type === "checkbox"
      ? control.checked !== control.defaultChecked
      : control.type !== "file" && "defaultValue" in control && control.value !== control.defaultValue;
    if (differs) touched(control);
  }
}

/** Have a form open and close its items by itself. */
export function prepare(form) {
  if (form.dataset.now) form.dataset.ahead = String(Number(form.dataset.now) - Date.now());
  // The condition in words is for pages without script: here the item itself comes and goes.
  for (const condition of form.querySelectorAll("[data-condition]")) condition.hidden = true;
  // Said aloud when the red flag opens it; without script it stands there from the start, and is no alert.
  for (const panel of form.querySelectorAll("[data-urgent]")) panel.setAttribute("role", "alert");
  form.addEventListener("change", (event) => {
    keepExclusive(event.target);
    touched(event.target);
    refresh(form);
  });
  form.addEventListener("input", (event) => touched(event.target));
  stampRestored(form);
  refresh(form);
}
