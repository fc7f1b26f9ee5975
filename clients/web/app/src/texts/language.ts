/** The languages of the interface, and how each counts. */

export type Language = "fr" | "en";

/** How each writes dates. */
export const LOCALES = { fr: "fr-FR", en: "en-GB" } as const satisfies Record<Language, string>;

/** `one` for one (and for none in French), `many` for the rest. */
export function counted(language: Language, count: number, one: string, many: string): string {
  const single = language === "fr" ? Math.abs(count) < 2 : count === 1;
  return single ? one : many;
}
