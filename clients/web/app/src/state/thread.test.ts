import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message, Outgoing } from "../engine/api.js";
import { NOW, OWN, WOUND, told } from "../gallery/data.js";
import { CLAIRE, KARIM } from "../gallery/people.js";
import { advanced, cutAfter, emptyThread, indexOfSeq, isEditable, lastEditable, rowsOf, withChange, withMessages, withoutSeqs } from "./thread.js";

const MINUTE = 60_000;
const said = (seq: number, of: { uid: string } = CLAIRE, at = NOW + seq * MINUTE): Message => told(WOUND, seq, { of, at, text: `${seq}` });

test("what a restored server lost leaves its places to what comes there next", () => {
  const whole = { ...withMessages(emptyThread(0), [said(1), said(2), said(3)]), readBy: { [KARIM.uid]: 3 } };
  const cut = cutAfter(whole, 1);
  expect([cut.messages.map((message) => message.seq), cut.readBy]).toEqual([[1], { [KARIM.uid]: 1 }]);
  const other = { ...said(2), text: "autre" };
  expect(withMessages(cut, [other]).messages.at(-1)).toBe(other);
});

test("pages and events in any order, twice or not, give one log in order", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }), { maxLength: 12 }), (pages) => {
      let thread = emptyThread(0);
      for (const page of pages) thread = withMessages(thread, page.map((seq) => said(seq)));
      const expected = [...new Set(pages.flat())].sort((a, b) => a - b);
      expect(thread.messages.map((message) => message.seq)).toEqual(expected);
      for (const seq of expected) expect(thread.messages[indexOfSeq(thread.messages, seq)]?.seq).toBe(seq);
      expect(indexOfSeq(thread.messages, 41)).toBe(-1);
      const keys = rowsOf(thread).map((row) => row.key);
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test("a message that is announced and fetched has one place", () => {
  const once = withMessages(withMessages(emptyThread(0), [said(1), said(2)]), [{ ...said(2), text: "again" }]);
  expect(once.messages.map((message) => message.text)).toEqual(["1", "again"]);
  expect(withMessages(once, [said(0), said(1)]).messages.map((message) => message.seq)).toEqual([0, 1, 2]);
});

test("the newest word about a message counts, and only where it is loaded", () => {
  const thread = withMessages(emptyThread(0), [said(1), said(2)]);
  expect(withChange(thread, { ...said(2), text: "new" }).messages[1]?.text).toBe("new");
  expect(withChange(thread, said(9))).toBe(thread);
  expect(withoutSeqs(thread, [1]).messages.map((message) => message.seq)).toEqual([2]);
});

describe("rows", () => {
  test("the separator stands before the first unread message of somebody else, and counts only those", () => {
    const thread = withMessages(emptyThread(2), [said(1), said(2), said(3, OWN), said(4), said(5, OWN), said(6)]);
    const rows = rowsOf(thread);
    const at = rows.findIndex((row) => row.kind === "unread");
    expect(rows[at]).toMatchObject({ count: 2 });
    expect(rows[at + 1]).toMatchObject({ key: "m-4" });
    expect(rowsOf(withMessages(emptyThread(6), [said(1), said(6)])).some((row) => row.kind === "unread")).toBe(false);
  });

  test("messages of one author within five minutes make one group", () => {
    const at = NOW - 60 * MINUTE;
    const messages = [said(1, CLAIRE, at), said(2, CLAIRE, at + MINUTE), said(3, KARIM, at + 2 * MINUTE), said(4, KARIM, at + 8 * MINUTE)];
    const leads = rowsOf(withMessages(emptyThread(9), messages)).flatMap((row) => (row.kind === "message" ? [row.leads] : []));
    expect(leads).toEqual([true, false, true, true]);
  });

  test("a day has one heading, and a clock that went back over midnight makes no key twice", () => {
    const midnight = new Date(2026, 2, 11).getTime();
    const messages = [said(1, CLAIRE, midnight - MINUTE), said(2, CLAIRE, midnight + 1), said(3, CLAIRE, midnight - 1)];
    const keys = rowsOf(withMessages(emptyThread(9), messages)).filter((row) => row.kind === "day").map((row) => row.key);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(3);
  });

  test("what waits stands last, and goes away when its message has arrived", () => {
    const waiting: Outgoing = { mid: said(2, OWN).mid ?? "", cid: WOUND, text: "2", type: "text", attempts: 0, failed: "", failedParams: {}, attachments: [], urgent: false, writtenAtMs: NOW };
    const before = { ...withMessages(emptyThread(9), [said(1)]), outgoing: [waiting, { ...waiting, mid: "r", type: "reaction" }] };
    expect(rowsOf(before).map((row) => row.key).slice(-1)).toEqual([`o-${waiting.mid}`]);
    expect(rowsOf(withMessages(before, [said(2, OWN)])).some((row) => row.kind === "outgoing")).toBe(false);
  });
});

test("receipts move forward only", () => {
  expect(advanced({ a: 5 }, "a", 3)).toEqual({ a: 5 });
  expect(advanced({ a: 5 }, "a", 7)).toEqual({ a: 7 });
});

test("the last message of one's own that says something can be edited", () => {
  const deleted = { ...said(3, OWN), isDeleted: true };
  expect(lastEditable([said(1, OWN), said(2), deleted])?.seq).toBe(1);
  expect(lastEditable([said(2)])).toBeNull();
  expect(isEditable({ ...said(1, OWN), refused: "bad_signature" })).toBe(false);
});
