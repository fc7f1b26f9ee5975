// What could not be sent yet, kept in this browser: sealed with a key that only the page of the draft brings, so that
// nothing can be read on a machine where nobody is signed in.  Without a secure context nothing is kept.

const place = (form) => `miss.draft.${form.dataset.number}`;

async function keyOf(form) {
  const hex = form.dataset.key;
  if (!hex || !globalThis.crypto?.subtle) return null;
  const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Keep these [name, value] pairs; an earlier keeping of the same draft is replaced. */
export async function keep(form, pairs) {
  const key = await keyOf(form);
  if (!key) return;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(pairs)));
  const bytes = new Uint8Array([...iv, ...new Uint8Array(sealed)]);
  try {
    localStorage.setItem(place(form), btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
  } catch { /* A full or forbidden store: the page itself still holds everything. */ }
}

/** What was kept of this draft, or null. */
export async function kept(form) {
  const [key, text] = [await keyOf(form), localStorage.getItem(place(form))];
  if (!key || !text) return null;
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  try {
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, 12) }, key, bytes.slice(12));
    return JSON.parse(new TextDecoder().decode(opened));
  } catch {
    return null;
  }
}

/** Everything has arrived. */
export function forget(form) {
  localStorage.removeItem(place(form));
}
