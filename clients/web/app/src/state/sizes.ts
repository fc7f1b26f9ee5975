/** Sizes as people read them: « 340 ko », « 1,2 Mo »; spans of time as a policy says them. */
import type { Language } from "../texts/language.js";
import type { Texts } from "../texts/texts.js";

const HOUR_S = 3600;
const DAY_S = 86_400;

export function sizeWords(bytes: number, language: Language): string {
  const unit = language === "fr" ? "o" : "B";
  if (bytes < 1000) return `${bytes} ${unit}`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} k${unit}`;
  const mega = (bytes / 1_000_000).toFixed(1);
  return `${language === "fr" ? mega.replace(".", ",") : mega} M${unit}`;
}

/** The retention a group chooses from, in seconds; 0: what the server keeps. */
export const RETENTIONS_S: readonly number[] = [0, DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S, 365 * DAY_S];

export function spanWords(seconds: number, t: Texts): string {
  if (seconds === 0) return t.info.retentionKeep;
  return seconds % DAY_S === 0 ? t.info.days(seconds / DAY_S) : t.info.hours(Math.max(1, Math.round(seconds / HOUR_S)));
}
