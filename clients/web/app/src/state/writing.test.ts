import { describe, expect, test } from "vitest";
import { CLAIRE, KARIM, MARIE, member } from "../gallery/people.js";
import { type KeyPress, SHORTCUTS, commandOf, keysOf } from "./keys.js";
import { candidates, mentionsIn, named, namingAt } from "./mentions.js";
import { segmentsOf } from "./segments.js";
import { sizeWords } from "./sizes.js";
import { clock, countdown, dayLabel, dayOf, listTime } from "./times.js";
import { WHOLE, keyed, movedBy, turned, zoomed } from "./turning.js";

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe("keys", () => {
  test("each shortcut is told apart", () => {
    expect(commandOf(press("k", { ctrlKey: true }), true)).toBe("jump");
    expect(commandOf(press("K", { metaKey: true }), false)).toBe("jump");
    expect(commandOf(press("f", { ctrlKey: true }), false)).toBe("searchHere");
    expect(commandOf(press("F", { ctrlKey: true, shiftKey: true }), false)).toBe("search");
    expect(commandOf(press("ArrowDown", { altKey: true }), true)).toBe("next");
    expect(commandOf(press("ArrowDown", { altKey: true, shiftKey: true }), true)).toBe("nextUnread");
    const keys = SHORTCUTS.map((one) => keysOf(one, "Maj").join("+"));
    expect(new Set(keys).size).toBe(keys.length);
  });
  test("plain letters are for writing", () => {
    expect(commandOf(press("?"), true)).toBeNull();
    expect(commandOf(press("?", { shiftKey: true }), false)).toBe("help");
    expect(commandOf(press("k"), false)).toBeNull();
  });
});

describe("naming a member", () => {
  const members = [CLAIRE, KARIM, MARIE].map((one) => member(one));
  test("a name is offered while it is typed, and put in its place", () => {
    const naming = namingAt("Merci @cla", 10);
    expect(naming).toEqual({ from: 6, query: "cla" });
    expect(candidates(naming!, members).map((one) => one.uid)).toEqual([CLAIRE.uid]);
    expect(named("Merci @cla !", naming!, 10, members[0]!)).toEqual({ text: "Merci @Claire TÉMOIN  !", caret: 21 });
  });
  test("an address is no name", () => {
    expect(namingAt("paul@exemple", 12)).toBeNull();
    expect(namingAt("@claire bonjour", 15)).toBeNull();
  });
  test("only who is still in the text is named", () => {
    expect(mentionsIn("@Claire TÉMOIN et Karim", members)).toEqual([CLAIRE.uid]);
  });
});

describe("segments", () => {
  test("nothing of the text is lost, and only http addresses are links", () => {
    const text = "Voir https://a.example/x?b=1, (http://b.example). javascript:alert(1) @Claire TÉMOIN fin";
    const segments = segmentsOf(text, ["Claire TÉMOIN"], "fin");
    expect(segments.map((segment) => segment.text).join("")).toBe(text);
    expect(segments.flatMap((segment) => (segment.kind === "link" ? [segment.href] : []))).toEqual(["https://a.example/x?b=1", "http://b.example/"]);
    expect(segments.filter((segment) => segment.kind === "mention")).toHaveLength(1);
    expect(segments.at(-1)).toEqual({ kind: "found", text: "fin" });
  });
});

describe("times", () => {
  const now = new Date(2026, 2, 10, 14, 40).getTime();
  const ago = (hours: number): number => now - hours * 3_600_000;
  test("the list says the hour, yesterday, the weekday, the date", () => {
    expect(listTime(ago(1), now, "fr")).toBe("13:40");
    expect(listTime(ago(20), now, "fr")).toBe("hier");
    expect(listTime(ago(72), now, "fr")).toBe("sam.");
    expect(listTime(ago(24 * 40), now, "en")).toBe("29/01/26");
  });
  test("days change at midnight of the reader", () => {
    expect(dayLabel(ago(15), now, "fr")).toBe("Hier");
    expect(dayLabel(ago(14), now, "en")).toBe("Today");
    expect(dayOf(ago(15))).toBeLessThan(dayOf(now));
    expect(clock(now, "fr")).toBe("14:40");
  });
  test("what is left counts down by seconds at the end", () => {
    expect(countdown(2 * 3_600_000 + 5 * 60_000)).toBe("2 h 05");
    expect(countdown(12 * 60_000)).toBe("12 min");
    expect(countdown(42_000)).toBe("0:42");
    expect(countdown(0)).toBe("");
  });
});

test("sizes are said in the reader's language", () => {
  expect(sizeWords(340_400, "fr")).toBe("340 ko");
  expect(sizeWords(1_240_000, "fr")).toBe("1,2 Mo");
  expect(sizeWords(1_240_000, "en")).toBe("1.2 MB");
});

describe("a picture", () => {
  test("grows around the finger, never below its whole, and turns in quarters", () => {
    const look = zoomed(WHOLE, 2, { x: 100, y: 0 });
    expect(look).toEqual({ scale: 2, turns: 0, x: -100, y: 0 });
    expect(zoomed(look, 0.1)).toEqual(WHOLE);
    expect(turned({ ...WHOLE, turns: 3 }).turns).toBe(0);
    expect(movedBy(WHOLE, 5, 5)).toBe(WHOLE);
  });
  test("arrows go to the next picture of a whole one, and move an enlarged one", () => {
    expect(keyed(WHOLE, "ArrowRight")).toBe("next");
    expect(keyed({ ...WHOLE, scale: 2 }, "ArrowRight")).toMatchObject({ x: -60 });
    expect(keyed(WHOLE, "x")).toBeNull();
  });
});
