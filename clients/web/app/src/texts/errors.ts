/** A refusal in the words of its reader; a code that is not known here is said as it is, never swallowed. */
import { EngineError } from "../engine/api.js";
import { SENTENCES } from "./error-sentences.js";
import type { Language } from "./language.js";

type Params = Readonly<Record<string, string | number>>;

/** The sentence of a code, with its parameters. */
export function sentenceOf(code: string, params: Params, language: Language): string {
  const sentence = SENTENCES[code]?.[language === "fr" ? 0 : 1];
  if (sentence === undefined) {
    return language === "fr" ? `Cela n’a pas marché (${code}).` : `That did not work (${code}).`;
  }
  return sentence.replace(/\{(\w+)(?::[^}]*)?\}/g, (_, name: string) => String(params[name] ?? "…"));
}

/** What a caught error says to a person. */
export function errorSentence(error: unknown, language: Language): string {
  // From a second tab the engine's errors come through a channel: as plain objects with the same fields.
  if (error instanceof EngineError) return sentenceOf(error.code, error.params, language);
  if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "string") {
    return sentenceOf(error.code, "params" in error ? (error.params as Params) : {}, language);
  }
  return language === "fr" ? "Cela n’a pas marché. Réessayez." : "That did not work. Try again.";
}
