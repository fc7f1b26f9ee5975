// The directory's answers while one types: the list comes from the server, a moment after the last key.
// Without this script the form is sent by its button.

const WAIT_MS = 350;
const MIN_LETTERS = 3;

// The list is markup of our own server; pages of ours may only take such through a named policy.
const policy = window.trustedTypes?.createPolicy("miss-directory", { createHTML: (markup) => markup });

function prepare(form) {
  const results = document.querySelector("[data-directory-results]");
  const count = document.querySelector("[data-directory-count]");
  let timer = 0;
  let latest = null;
  let last = asked();

  function asked() {
    const said = new URLSearchParams(new FormData(form));
    [...said.keys()].forEach((name) => said.get(name).trim() || said.delete(name));
    return said.toString();
  }

  function isTooShort() {
    const letters = form.elements.q.value.replace(/\s/g, "").length;
    return letters > 0 && letters < MIN_LETTERS;
  }

  async function ask() {
    const question = asked();
    if (question === last || isTooShort()) return;
    last = question;
    latest?.abort();
    latest = new AbortController();
    const answer = await fetch(`${form.dataset.results}?${question}`, {
      headers: { Accept: "text/html" },
      signal: latest.signal,
    });
    if (answer.redirected || !answer.headers.get("content-type")?.startsWith("text/html")) return form.submit();
    const markup = await answer.text();
    results.innerHTML = policy ? policy.createHTML(markup) : markup;
    count.textContent = results.querySelector("[data-count]")?.dataset.count ?? "";
    history.replaceState(null, "", question ? `${form.action}?${question}` : form.action);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch((error) => error.name === "AbortError" || form.submit()), WAIT_MS);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
}

document.querySelectorAll("[data-directory-form]").forEach(prepare);
