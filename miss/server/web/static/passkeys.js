// Forms that a passkey fills: the browser signs (or makes a key), the answer goes into a hidden field, the form is sent.
// Without this script, or without WebAuthn, the forms stay hidden and the other ways in remain.

const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

const toBase64Url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withBytes = (keys) => (keys ?? []).map((key) => ({ ...key, id: fromBase64Url(key.id) }));

function readOptions(options, kind) {
  const bytes = { ...options, challenge: fromBase64Url(options.challenge) };
  if (kind === "create") {
    bytes.user = { ...options.user, id: fromBase64Url(options.user.id) };
    bytes.excludeCredentials = withBytes(options.excludeCredentials);
  } else {
    bytes.allowCredentials = withBytes(options.allowCredentials);
  }
  return bytes;
}

function writeCredential(credential) {
  const { response } = credential;
  const said = { clientDataJSON: toBase64Url(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = toBase64Url(response.attestationObject);
  } else {
    said.authenticatorData = toBase64Url(response.authenticatorData);
    said.signature = toBase64Url(response.signature);
    said.userHandle = response.userHandle ? toBase64Url(response.userHandle) : null;
  }
  const rawId = toBase64Url(credential.rawId);
  return JSON.stringify({ id: rawId, rawId, type: credential.type, response: said, clientExtensionResults: {} });
}

async function fill(form) {
  const { passkey: kind, options: address } = form.dataset;
  const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" } });
  const options = await answer.json();
  if (!answer.ok) throw new Error(options.text);
  const publicKey = readOptions(options, kind);
  const credential = await navigator.credentials[kind]({ publicKey });
  form.elements.namedItem("credential").value = writeCredential(credential);
}

function prepare(form) {
  const said = form.querySelector("[data-passkey-error]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    said.hidden = true;
    const shared = document.querySelector("[data-shared-workstation]");
    const sharedField = form.elements.namedItem("shared");
    if (shared && sharedField) sharedField.value = shared.checked ? "1" : "";
    try {
      await fill(form);
      form.submit();
    } catch (error) {
      // The browser's own words are for programmers; ours came from the server in the reader's language.
      said.textContent = error instanceof DOMException ? said.dataset.refused : error.message || said.dataset.refused;
      said.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(prepare);
