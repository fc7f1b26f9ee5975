// Guided forms, where a browser runs scripts: closed items are hidden, « Aucun » goes alone, answers are timed.
// Every page works without this file; nothing here decides whether a form may be sent.

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

/** One condition of an item (FHIR R4 enableWhen.operator). */
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
    default: return true;
  }
}

/** Show what the answers open, hide and disable the rest: a disabled control is not sent. */
function refresh(form) {
  for (const element of form.querySelectorAll("[data-enable-when]")) {
    const rule = JSON.parse(element.dataset.enableWhen);
    const results = rule.conditions.map((condition) => holds(condition, valuesOf(form, condition.question)));
    const inClosed = element.parentElement.closest("[data-enable-when][hidden]") !== null;
    const open = !inClosed && (rule.any ? results.some(Boolean) : results.every(Boolean));
    element.hidden = !open;
    for (const control of element.querySelectorAll("input, select, textarea")) control.disabled = !open;
  }
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

/** When an item was last touched, so that the time a form takes is measured and not guessed. */
function stamp(changed) {
  const item = changed.closest("[data-item]");
  if (!item || !changed.name || changed.type === "hidden" || changed.name === "remove") return;
  const name = `answered_at:${changed.name}`;
  let field = changed.form.querySelector(`input[name="${CSS.escape(name)}"]`);
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    changed.form.append(field);
  }
  field.value = String(Date.now());
}

for (const form of document.querySelectorAll("form[data-guided-form]")) {
  // The condition in words is for pages without script: here the item itself comes and goes.
  for (const condition of form.querySelectorAll("[data-condition]")) condition.hidden = true;
  form.addEventListener("change", (event) => {
    keepExclusive(event.target);
    stamp(event.target);
    refresh(form);
  });
  form.addEventListener("input", (event) => stamp(event.target));
  refresh(form);
}

document.querySelector("[data-error-summary]")?.focus();
