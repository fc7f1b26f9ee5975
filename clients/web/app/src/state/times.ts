/**
 * Instants as people read them, in their own time zone: « 14:32 », « hier », « mardi », « 12 mars 2026 ».
 *
 * Pure: now is an argument.  Refuses relative times that age on the screen (« il y a 3 min ») except for clocks that
 * are repainted (`countdown`).
 */
import type { Ms } from "../engine/api.js";
import { LOCALES, type Language } from "../texts/language.js";

const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}/${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(LOCALES[language], options);
    formats.set(key, made);
  }
  return made;
}

/** A number that is the same for all instants of one local day, and grows. */
export function dayOf(at: Ms): number {
  const date = new Date(at);
  return date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate();
}

function daysBetween(earlier: Ms, later: Ms): number {
  const noon = (at: Ms): number => new Date(at).setHours(12, 0, 0, 0);
  return Math.round((noon(later) - noon(earlier)) / DAY_MS);
}

/** « 14:32 ». */
export function clock(at: Ms, language: Language): string {
  return format(language, "clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** The words of a day above its messages: « Aujourd’hui », « Hier », « mardi 3 mars », with the year if not this one. */
export function dayLabel(at: Ms, now: Ms, language: Language): string {
  const days = daysBetween(at, now);
  if (days === 0) return language === "fr" ? "Aujourd’hui" : "Today";
  if (days === 1) return language === "fr" ? "Hier" : "Yesterday";
  if (new Date(at).getFullYear() === new Date(now).getFullYear()) {
    return format(language, "day", { weekday: "long", day: "numeric", month: "long" }).format(at);
  }
  return format(language, "day-year", { day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** For a list: the hour today, « hier », the weekday within a week, else the date. */
export function listTime(at: Ms, now: Ms, language: Language): string {
  const days = daysBetween(at, now);
  if (days <= 0) return clock(at, language);
  if (days === 1) return language === "fr" ? "hier" : "yesterday";
  if (days < 7) return format(language, "weekday", { weekday: "short" }).format(at);
  return format(language, "short", { day: "2-digit", month: "2-digit", year: "2-digit" }).format(at);
}

/** In full, for who wants to know: « mardi 3 mars 2026 à 14:32 ». */
export function fullTime(at: Ms, language: Language): string {
  const day = format(language, "full", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(at);
  return language === "fr" ? `${day} à ${clock(at, language)}` : `${day} at ${clock(at, language)}`;
}

/** What is left: « 2 h 05 », « 12 min », « 0:42 » under ten minutes; "" when it is over. */
export function countdown(leftMs: Ms): string {
  if (leftMs <= 0) return "";
  const seconds = Math.ceil(leftMs / 1000);
  if (seconds < 600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
