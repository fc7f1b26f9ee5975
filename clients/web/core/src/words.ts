/**
 * Words that people read aloud or type: the BIP-39 lists in French and English, 2048 words, 11 bits each.  protocol §2
 *
 * The lists come from the package `@scure/bip39`; nothing else of it is loaded, and of BIP-39 neither the checksum nor
 * the derivation is used.  Words are compared without accents and case, and joined by one space: what counts is
 * folded, plain ASCII.
 */

import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as french } from "@scure/bip39/wordlists/french.js";

import { BadRecoveryPassphrase } from "./errors.js";
import type { RandomBytes } from "./primitives.js";

export const PASSPHRASE_WORDS = 8;
const WORD_BITS = 11;
const MAX_TEXT = 1024;

/** In which language words are shown. */
export type Language = "fr" | "en";

const LISTS: Readonly<Record<Language, readonly string[]>> = {
  fr: french.map((word) => word.normalize("NFC")),
  en: english.map((word) => word.normalize("NFC")),
};
const FOLDED = Object.values(LISTS).map((words) => new Set(words.map(fold)));

/** The 2048 words, as they are shown. */
export function wordlist(language: Language = "fr"): readonly string[] {
  return LISTS[language];
}

/** `text` without accents, in lower case, its words joined by one space: NFKD, then ASCII letters only. */
export function fold(text: string): string {
  const plain = text.normalize("NFKD").replace(/[^\x00-\x7f]/gu, "").toLowerCase();
  return (plain.match(/[a-z]+/g) ?? []).join(" ");
}

/** The first `count` groups of 11 bits, each as its word. */
export function wordsOf(bits: Uint8Array, count: number, words: readonly string[]): readonly string[] {
  const binary = Array.from(bits, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: count }, (_, place) => {
    const word = words[Number.parseInt(binary.slice(WORD_BITS * place, WORD_BITS * (place + 1)), 2)];
    if (word === undefined) throw new RangeError("words need 11 bits each and a list of 2048");
    return word;
  });
}

/** Eight words drawn by the program, joined by one space: 88 bits.  Draws 11 random bytes. */
export function composePassphrase(randomBytes: RandomBytes, language: Language = "fr"): string {
  return wordsOf(randomBytes(WORD_BITS), PASSPHRASE_WORDS, wordlist(language)).join(" ");
}

/**
 * The eight words in `text`, folded and joined by one space.
 *
 * Throws BadRecoveryPassphrase with `reason` and the `position` (from 1) of the first word that is in neither list,
 * missing or too many.
 */
export function parsePassphrase(text: string): string {
  const folded = fold([...text].slice(0, MAX_TEXT).join(""));
  const words = folded === "" ? [] : folded.split(" ");
  const known = Math.max(...FOLDED.map((list) => countKnown(words, list)));
  if (known < Math.min(words.length, PASSPHRASE_WORDS)) {
    throw new BadRecoveryPassphrase({ reason: "unknown_word", position: known + 1 });
  }
  if (words.length !== PASSPHRASE_WORDS) {
    const reason = words.length < PASSPHRASE_WORDS ? "too_short" : "too_long";
    throw new BadRecoveryPassphrase({ reason, position: Math.min(words.length, PASSPHRASE_WORDS) + 1 });
  }
  return folded;
}

/** How many words from the first on are in `list`. */
function countKnown(words: readonly string[], list: ReadonlySet<string>): number {
  const stranger = words.findIndex((word) => !list.has(word));
  return stranger < 0 ? words.length : stranger;
}
