/** The words of the conversation views, by language. */
import { en } from "./en.js";
import { fr } from "./fr.js";
import type { Language } from "./language.js";

/** The shape of `from`, with any sentence in the place of each. */
type Loose<T> = T extends string ? string : T extends (...args: infer A) => string ? (...args: A) => string : { readonly [K in keyof T]: Loose<T[K]> };

export type Texts = Loose<typeof fr>;

export function textsIn(language: Language): Texts {
  return language === "fr" ? fr : en;
}
