// Guided forms, where a browser runs scripts: closed items are hidden, « Aucun » goes alone, answers are timed; a draft
// is kept while one types, and photographs are made small before they leave.  Every page works without this file.

import { prepare } from "./answers.js";
import { Draft } from "./draft.js";
import { preparePhotos } from "./photos.js";

// On whose clock the next page shows times: the server has no other way to know.
document.cookie = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; samesite=lax; max-age=31536000`;

for (const form of document.querySelectorAll("form[data-guided-form]")) {
  prepare(form);
  if (form.dataset.save) preparePhotos(form, new Draft(form));
}

document.querySelector("[data-error-summary]")?.focus();
