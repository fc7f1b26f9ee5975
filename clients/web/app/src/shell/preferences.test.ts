import { describe, expect, test } from "vitest";

import { idleChoices, idleMinutes, readPreferences, savePreferences } from "./preferences.js";

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
    expect(idleMinutes(own, null)).toBe(5);
    expect(idleMinutes({ ...own, idleMinutes: 0 }, null)).toBe(0);
    expect(idleMinutes({ ...own, idleMinutes: 0, isShared: true }, null)).toBe(2);
    expect(idleMinutes({ ...own, idleMinutes: 1, isShared: true }, null)).toBe(1);
  });

  test("an establishment's limit is shortened by the person, and never made longer", () => {
    const own = readPreferences(memory(), []);
    expect(idleMinutes(own, 2)).toBe(2);
    expect(idleMinutes({ ...own, idleMinutes: 0 }, 60)).toBe(60);
    expect(idleMinutes({ ...own, idleMinutes: 1 }, 2)).toBe(1);
    expect(idleMinutes({ ...own, idleMinutes: 0, isShared: true }, 10)).toBe(2);
    expect(idleMinutes({ ...own, isShared: true }, 1)).toBe(1);
  });

  test("only what holds can be chosen, and what was chosen is found again", () => {
    const storage = memory();
    const own = readPreferences(storage, []);
    expect(idleChoices(own, null)).toEqual([1, 5, 15, 60, 0]);
    expect(idleChoices(own, 10)).toEqual([1, 5, 10]);
    expect(idleChoices({ ...own, idleMinutes: 0 }, 60)).toEqual([1, 5, 15, 60]);
    savePreferences(storage, { ...own, idleMinutes: 10 });
    const found = readPreferences(storage, []);
    expect(idleChoices(found, null), "once the limit is gone").toEqual([1, 5, 10, 15, 60, 0]);
    expect(idleChoices(found, 2)).toEqual([1, 2]);
    for (const bad of [61, -1, 1.5]) expect(readPreferences({ getItem: () => `{"idleMinutes":${bad}}` }, []).idleMinutes).toBe(5);
  });
});
