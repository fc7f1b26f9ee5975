import { describe, expect, test } from "vitest";

import { idleMs, readPreferences, savePreferences } from "./preferences.js";

function memory(): Pick<Storage, "getItem" | "setItem"> {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}

describe("preferences", () => {
  test("a new browser speaks its own language, if it is one of ours, and says nothing in notifications", () => {
    const preferences = readPreferences(memory(), ["de-CH", "en-GB", "fr"]);
    expect(preferences).toMatchObject({ language: "en", notifications: "nothing", theme: "system", idleMinutes: 5 });
    expect(readPreferences(memory(), ["de"]).language).toBe("fr");
  });

  test("what was chosen is found again", () => {
    const storage = memory();
    const chosen = { ...readPreferences(storage, []), theme: "contrast", idleMinutes: 0 } as const;
    savePreferences(storage, chosen);
    expect(readPreferences(storage, ["en"])).toEqual(chosen);
  });

  test.each(["{", "null", "7", '{"theme":"pink","idleMinutes":"5","isShared":1}'])("%s counts as nothing", (text) => {
    const damaged = { getItem: () => text };
    expect(readPreferences(damaged, ["fr"])).toEqual(readPreferences(memory(), ["fr"]));
  });

  test("a shared workstation locks soon, even where it would never", () => {
    const own = readPreferences(memory(), []);
    expect(idleMs(own)).toBe(5 * 60_000);
    expect(idleMs({ ...own, idleMinutes: 0 })).toBeNull();
    expect(idleMs({ ...own, idleMinutes: 0, isShared: true })).toBe(2 * 60_000);
    expect(idleMs({ ...own, idleMinutes: 1, isShared: true })).toBe(60_000);
  });
});
