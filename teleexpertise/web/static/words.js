// The sentences of the page, in the reader's language (_form_words.html): scripts hold none of their own.

const words = new Map();
for (const one of document.getElementById("form-words")?.content.querySelectorAll("[data-word]") ?? []) {
  words.set(one.dataset.word, one.textContent);
}

/** The sentence `name` with its `{placeholders}` filled. */
export function say(name, params = {}) {
  return (words.get(name) ?? "").replace(/\{(\w+)\}/g, (whole, key) => params[key] ?? whole);
}

/** An element with a class, a text, and more properties. */
export function element(tag, className = "", text = "", more = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return Object.assign(made, more);
}
