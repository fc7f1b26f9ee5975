/**
 * What a person chose for this browser: language, colours, size of the text, what notifications say, when it locks.
 *
 * Kept in `localStorage`, in clear: nothing here is about a patient or a conversation.  Whatever cannot be read is
 * the default.
 */

import type { Language } from "../texts/language.js";

export type Theme = "system" | "light" | "dark" | "contrast";
export type TextSize = "s" | "m" | "l" | "xl";
/** What a notification shows: nothing but that there is something, who wrote, or the words as well. */
export type NotificationLevel = "off" | "nothing" | "name" | "text";

/** What the others are told; "away": nothing. */
export const PRESENCES = ["present", "do_not_disturb", "on_duty", "away"] as const;
export type ToldPresence = (typeof PRESENCES)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly textSize: TextSize;
  readonly notifications: NotificationLevel;
  /** Minutes without a key or a finger after which it locks; 0: never. */
  readonly idleMinutes: number;
  readonly presence: ToldPresence;
  /** Several people use this browser: it locks sooner and asks who one is at each start. */
  readonly isShared: boolean;
}

export const IDLE_MINUTES = [1, 5, 15, 60, 0] as const;
export const SHARED_IDLE_MINUTES = 2;
const PLACE = "miss.preferences";
const THEMES: readonly Theme[] = ["system", "light", "dark", "contrast"];
const SIZES: readonly TextSize[] = ["s", "m", "l", "xl"];
const LEVELS: readonly NotificationLevel[] = ["off", "nothing", "name", "text"];

/** Read what was chosen; `languages` are the browser's, best first. */
export function readPreferences(storage: Pick<Storage, "getItem">, languages: readonly string[]): Preferences {
  const saved = parse(storage.getItem(PLACE));
  return {
    language: oneOf(["fr", "en"], saved["language"]) ?? languageOf(languages),
    theme: oneOf(THEMES, saved["theme"]) ?? "system",
    textSize: oneOf(SIZES, saved["textSize"]) ?? "m",
    notifications: oneOf(LEVELS, saved["notifications"]) ?? "nothing",
    idleMinutes: minutesOf(saved["idleMinutes"]) ?? 5,
    presence: oneOf(PRESENCES, saved["presence"]) ?? "present",
    isShared: saved["isShared"] === true,
  };
}

/** A browser that keeps nothing (private window, full disk) keeps the choice until it is closed. */
export function savePreferences(storage: Pick<Storage, "setItem">, chosen: Preferences): void {
  try {
    storage.setItem(PLACE, JSON.stringify(chosen));
  } catch {
    // The choice holds in this tab all the same.
  }
}

/** Make the page look as chosen. */
export function showPreferences(root: HTMLElement, chosen: Preferences): void {
  root.lang = chosen.language;
  if (chosen.theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = chosen.theme;
  root.dataset["text"] = chosen.textSize;
}

/** Minutes until it locks by itself; 0: never.  `limit`: the longest that this person's establishments allow; null: any. */
export function idleMinutes(chosen: Preferences, limit: number | null): number {
  const limits = [chosen.idleMinutes, chosen.isShared ? SHARED_IDLE_MINUTES : 0, limit ?? 0].filter((one) => one > 0);
  return limits.length === 0 ? 0 : Math.min(...limits);
}

/** What may be chosen: the usual delays and the one in force, none beyond `limit`; 0, never, is the last. */
export function idleChoices(chosen: Preferences, limit: number | null): readonly number[] {
  const known = [...new Set([...IDLE_MINUTES, chosen.idleMinutes, limit ?? 0])].filter((one) => limit === null || (one > 0 && one <= limit));
  return known.sort((one, other) => (one || Infinity) - (other || Infinity));
}

function minutesOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 60 ? value : undefined;
}

function languageOf(languages: readonly string[]): Language {
  for (const tag of languages) {
    const language = oneOf(["fr", "en"] as const, tag.slice(0, 2).toLowerCase());
    if (language) return language;
  }
  return "fr";
}

function oneOf<T>(among: readonly T[], value: unknown): T | undefined {
  return among.find((one) => one === value);
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
