import { expect, test } from "vitest";
import type { Conversation } from "../engine/api.js";
import { LAB, NOW, OWN, TEAM, WOUND, cid, seeds } from "../gallery/data.js";
import { CLAIRE, KARIM, MARIE } from "../gallery/people.js";
import { deadlineOf, mayAcknowledge, pressing, toneOf } from "./alarms.js";
import { directWith, knownPeople, merged } from "./directory.js";
import { filtered, missedSummary, neighbour, sorted, unreadTotal } from "./list.js";
import { conversationTitle, counterpart, fullName, initials, titledName } from "./names.js";
import { progressOf, reachOf } from "./receipts.js";

const all = seeds(5);
const conversations = sorted(all.map((seed) => seed.conversation));
const of = (where: string): Conversation => conversations.find((one) => one.cid === where) as Conversation;
const lab = all.find((seed) => seed.conversation.cid === LAB);
const alarm = lab?.messages[2];
const closed = lab?.messages[0];
if (!alarm || !closed) throw new Error("no alarm");

test("pinned first, then what moved last", () => {
  expect(conversations[0]?.cid).toBe(WOUND);
  const times = conversations.slice(1).map((one) => one.activeAtMs);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

test("the filter leaves what is unread or failed, and what is open", () => {
  const unread = filtered(conversations, { query: "", unreadOnly: true }, OWN.uid, TEAM).map((one) => one.cid);
  expect(new Set(unread)).toEqual(new Set([WOUND, LAB, cid(6), TEAM]));
  expect(filtered(conversations, { query: "epreuve", unreadOnly: false }, OWN.uid, null).map((one) => one.cid)).toContain(cid(5));
  expect(filtered(conversations, { query: "zzz", unreadOnly: false }, OWN.uid, null)).toEqual([]);
});

test("the next unread one goes round, and is never the open one", () => {
  const unread = (one: Conversation): boolean => one.unread > 0;
  expect(neighbour(conversations, WOUND, 1, unread)).toBe(LAB);
  expect(neighbour(conversations, LAB, 1, unread)).toBe(WOUND);
  expect(neighbour([of(WOUND)], WOUND, 1, unread)).toBeNull();
  expect(neighbour(conversations, null, 1)).toBe(WOUND);
  expect(neighbour(conversations, null, -1)).toBe(conversations.at(-1)?.cid);
});

test("muted conversations do not count", () => {
  expect(unreadTotal([of(WOUND), { ...of(LAB), muted: true }])).toBe(of(WOUND).unread);
});

test("the summary puts alarms and urgent ones first, and says nothing when there is little", () => {
  const missed = missedSummary(conversations, 1);
  expect(missed?.conversations[0]?.cid).toBe(LAB);
  expect(missed).toMatchObject({ alarms: 1, failed: 1, messages: 3 });
  expect(missedSummary([of(WOUND)], 0)).toBeNull();
});

test("a conversation is called by its name, else by who is in it", () => {
  expect(conversationTitle(of(WOUND), OWN.uid, "seul")).toBe("Dr Claire TÉMOIN");
  expect(conversationTitle({ ...of(LAB), name: "" }, OWN.uid, "seul")).toBe("Marie-Amélie É., Hugo S., Claire T.");
  expect(conversationTitle({ ...of(WOUND), members: [] }, OWN.uid, "seul")).toBe("seul");
  expect(counterpart(of(TEAM), OWN.uid)).toBeNull();
});

test("titles are only said of who bears them", () => {
  expect(titledName({ given: "Paul", family: "Exemple", profession: "Infirmier" })).toBe("Paul EXEMPLE");
  expect(initials("Dr Marie-Amélie ÉPREUVE")).toBe("MÉ");
  expect(initials("– ")).toBe("?");
});

test("who is written to already is found; a group is not", () => {
  expect(directWith(conversations, CLAIRE.uid)?.cid).toBe(WOUND);
  expect(directWith([of(TEAM)], CLAIRE.uid)).toBeNull();
});

test("people are offered once, those with MiSS first, never the reader", () => {
  const known = knownPeople(conversations, OWN.uid, "");
  expect(known.some((one) => one.uid === OWN.uid)).toBe(false);
  const without = { ...(known[0] as (typeof known)[number]), uid: null, key: "rpps-1" };
  const people = merged(known, [without, ...known], OWN.uid);
  expect(people).toHaveLength(known.length + 1);
  expect(people.at(-1)?.uid).toBeNull();
  expect(knownPeople(conversations, OWN.uid, "karim").map((one) => fullName(one.who))).toEqual([fullName(KARIM)]);
});

test("an alarm has a clock, whose end moves on to each person in turn", () => {
  expect(toneOf(closed.alarm!, NOW)).toBe("done");
  expect(deadlineOf(closed, NOW)).toBeNull();
  expect(toneOf(alarm.alarm!, NOW)).toBe("waiting");
  expect(deadlineOf(alarm, NOW)).toBe(alarm.alarm!.ackByMs);
  const delay = alarm.alarm!.ackByMs - alarm.depositedAtMs;
  const second = { ...alarm, alarm: { ...alarm.alarm!, state: "escalated" as const, asked: MARIE.uid } };
  expect(deadlineOf(second, NOW)).toBe(alarm.alarm!.ackByMs + 2 * delay);
  expect(toneOf(second.alarm, NOW)).toBe("late");
  expect(toneOf({ ...second.alarm, state: "exhausted" }, NOW)).toBe("over");
});

test("any member but its author may sign for it, once", () => {
  expect(mayAcknowledge(alarm, OWN.uid, true)).toBe(true);
  expect(mayAcknowledge(alarm, OWN.uid, false)).toBe(false);
  expect(mayAcknowledge(alarm, alarm.uid ?? "", true)).toBe(false);
  expect(mayAcknowledge(closed, OWN.uid, true)).toBe(false);
  expect(pressing([closed, alarm], OWN.uid)).toEqual([alarm]);
});

test("a message is read when everybody has read it, and reading is receiving", () => {
  const message = of(WOUND).last!;
  expect(progressOf(message, ["a", "b"], {}, {})).toBe("sent");
  expect(progressOf(message, ["a", "b"], { a: 99 }, { b: 99 })).toBe("delivered");
  expect(progressOf(message, ["a", "b"], {}, { a: 99, b: 99 })).toBe("read");
  expect(progressOf(message, [], {}, {})).toBe("sent");
  const reach = reachOf(5, of(LAB), OWN.uid, { [CLAIRE.uid]: 6 }, { [MARIE.uid]: 5 });
  expect([reach.read, reach.delivered, reach.sent].map((group) => group.length)).toEqual([1, 1, 1]);
});
