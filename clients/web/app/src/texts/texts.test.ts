import { expect, test } from "vitest";
import { EngineError } from "../engine/api.js";
import { SENTENCES } from "./error-sentences.js";
import { en } from "./en.js";
import { errorSentence, sentenceOf } from "./errors.js";
import { fr } from "./fr.js";
import { shellFr } from "./shell.fr.js";
import { counted } from "./language.js";

const paths = (value: object, at = ""): readonly string[] =>
  Object.entries(value).flatMap(([key, inner]) => (typeof inner === "object" ? paths(inner, `${at}${key}.`) : [`${at}${key}`]));

test("English is complete, and says the same with as many words to fill in", () => {
  expect(paths(en)).toEqual(paths(fr));
  const sample = (value: object): readonly (readonly [string, unknown])[] =>
    Object.entries(value).flatMap(([key, inner]) => (typeof inner === "object" ? sample(inner) : [[key, inner] as const]));
  const english = sample(en);
  sample(fr).forEach(([key, sentence], index) => {
    const other = english[index]?.[1];
    if (typeof sentence === "function") expect((other as { length: number }).length, key).toBe(sentence.length);
    else expect(other, key).not.toBe("");
  });
});

test("French has its no-break spaces before double marks and inside of quotation marks", () => {
  const said = (texts: object): unknown[] => paths(texts).map((path) => path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], texts));
  const all = [...said(fr), ...said(shellFr), ...Object.values(SENTENCES).map(([french]) => french)];
  for (const sentence of all) {
    if (typeof sentence === "string") expect(sentence).not.toMatch(/ [;:?!»]|« /);
  }
});

test("a sentence has the same parameters in both languages", () => {
  const names = (text: string): readonly string[] => [...new Set(text.match(/\{\w+/g) ?? [])].sort();
  for (const [code, [french, english]] of Object.entries(SENTENCES)) expect(names(english), code).toEqual(names(french));
});

test("refusals are said in words, also when they came through a channel, also unknown ones", () => {
  expect(errorSentence(new EngineError("wrong_pin", { left: 3 }), "fr")).toContain("3");
  expect(errorSentence({ code: "storage_full", params: {} }, "en")).toContain("storage is full");
  expect(sentenceOf("never_heard", {}, "fr")).toContain("never_heard");
  expect(errorSentence(new Error("x"), "en")).not.toBe("");
});

test("none is singular in French, plural in English", () => {
  expect([counted("fr", 0, "un", "des"), counted("en", 0, "one", "many")]).toEqual(["un", "many"]);
});
