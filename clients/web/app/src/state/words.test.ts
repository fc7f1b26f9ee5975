import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, matches, places, queryWords } from "./words.js";

test("accents, case and ligatures do not matter", () => {
  expect(matches("lesion CŒUR", "Une lésion du cœur")).toBe(true);
  expect(matches("coeur", "cœur")).toBe(true);
  expect(matches("lesions", "lésion")).toBe(false);
});

test("every word counts, in whichever text it stands", () => {
  expect(matches("claire dermato", "Claire TÉMOIN", "Dermatologie")).toBe(true);
  expect(matches("claire cardio", "Claire TÉMOIN", "Dermatologie")).toBe(false);
  expect(matches("  ", "anything")).toBe(true);
});

test("a place covers the letters as they were written", () => {
  const text = "Le cœur, l’œdème";
  expect(places("oe", text).map(([from, to]) => text.slice(from, to))).toEqual(["œ", "œ"]);
  expect(places("coeur", text).map(([from, to]) => text.slice(from, to))).toEqual(["cœur"]);
});

test("a word within another one does not cut it short", () => {
  expect(places("plaies laie", "des plaies")).toEqual([[4, 10]]);
});

test("places are in order, apart, within the text, and hold the word", () => {
  const letters = fc.constantFrom("a", "é", "E", "œ", " ", "s", "😀", "e\u0301");
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 30 }), fc.array(letters, { minLength: 1, maxLength: 4 }), (text, query) => {
      const whole = text.join("");
      const words = queryWords(query.join(""));
      let end = 0;
      for (const [from, to] of places(query.join(""), whole)) {
        expect(from).toBeGreaterThanOrEqual(end);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(whole.length);
        expect(words.some((word) => fold(whole.slice(from, to)).includes(word))).toBe(true);
        end = to + 1;
      }
      if (words.length > 0 && matches(query.join(""), whole)) expect(end).toBeGreaterThan(0);
    }),
  );
});
