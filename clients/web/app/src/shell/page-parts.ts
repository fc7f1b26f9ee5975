/** What a session stands on, in this page: its accounts at once, everything else when it is wanted. */

import { globalPlatform } from "../engine/platform.js";
import { Accounts } from "../engine/store/keys.js";
import type { Language } from "../texts/language.js";
import { engineFile, warm } from "./fetched.js";
import type { Parts } from "./session.js";

/** `language` is asked whenever an account is opened. */
export async function pageParts(language: () => Language): Promise<Parts> {
  const platform = globalPlatform(globalThis);
  const accounts = await Accounts.open(platform);
  // Where somebody is linked, nothing can be shown without all of it.
  const isKnown = accounts.list().then((known) => known.some(({ label }) => label !== ""), () => false);
  void isKnown.then((known) => (known ? warm() : undefined));
  return {
    accounts,
    language,
    openStore: async (name, key) => (await engineFile()).PageStore.open(platform, name, key),
  };
}
