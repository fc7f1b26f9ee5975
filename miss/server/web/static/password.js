// How strong the password being typed would be, asked of the server a moment after the last key.
// Without this script a button does the same by sending the form.

const WAIT_MS = 400;

function prepare(meter) {
  const input = document.getElementById(meter.dataset.strengthOf);
  const bar = meter.querySelector("meter");
  const words = meter.querySelector("[data-strength-words]");
  let timer = 0;
  let latest = 0;

  async function ask() {
    const asked = ++latest;
    const answer = await fetch(meter.dataset.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ password: input.value }),
    });
    if (!answer.ok || asked !== latest) return;
    const strength = await answer.json();
    bar.value = strength.bits;
    const verdict = strength.enough ? meter.dataset.enough : meter.dataset.weak;
    words.textContent = [verdict.replace("{bits}", strength.bits), ...strength.advice].join(" ");
    meter.hidden = false;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value) timer = setTimeout(() => ask().catch(() => {}), WAIT_MS);
    else meter.hidden = true;
  });
  document.querySelectorAll("[data-strength-trial]").forEach((button) => {
    button.hidden = true;
  });
}

document.querySelectorAll("[data-strength-of]").forEach(prepare);
