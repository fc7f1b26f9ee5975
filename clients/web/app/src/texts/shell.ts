/** The words of the shell, by language. */
import type { Language } from "./language.js";
import { shellEn } from "./shell.en.js";
import { shellFr } from "./shell.fr.js";

export type ShellTexts = typeof shellFr;

export function shellTexts(language: Language): ShellTexts {
  return language === "fr" ? shellFr : shellEn;
}
