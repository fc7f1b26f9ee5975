import { packCommit } from "@miss/core/commits.js";
import { packLink } from "@miss/core/links.js";
import { parseRestoration } from "@miss/core/restorations.js";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { EngineEvent } from "./api.js";
import { type Assembly, assemble } from "./assembly.js";
import type { Head, Ready } from "./frames.js";
import { hex, unhex } from "./ids.js";
import type { News } from "./news.js";
import { Sync } from "./sync.js";
import { openStore, testPlatform } from "./testing/platform.js";
import { HttpAnswers } from "./testing/server.js";
import { ALICE, BOB, draw, envelope, linkStore, nextCommit, OPCERT, restoration, T0 } from "./testing/world.js";
import { Stopped } from "./waiting.js";

const { commit, es } = nextCommit(null, [ALICE, BOB]);
const CID = hex(commit.core.cid);
const READY: Ready = {
  kind: "ready",
  resumed: false,
  serverTs: T0,
  linkHead: hex(BOB.chain.head),
  httpToken: "t",
  storeEpoch: 0,
  storeHead: "",
};
const HEAD: Head = { cid: CID, lastSeq: 0, readSeq: 0, epoch: 1 };

let parts: Assembly;
let http: HttpAnswers;
let news: EngineEvent[];
/** What waits for its time, and for how long. */
let later: { work: () => void; delayMs: number }[];
let pulls: (readonly [from: number, to: number])[];
let running: Promise<unknown>;
const stop = { now: (): void => undefined };

beforeEach(async () => {
  http = new HttpAnswers();
  http.answers.set("/api/chat/deletions", { deletions: [], more: false, cursor: "" });
  later = [];
  const platform = testPlatform({
    fetch: http.fetch,
    nowMs: () => T0,
    later: (work, delayMs) => {
      const one = { work, delayMs };
      later.push(one);
      return () => void (later = later.filter((other) => other !== one));
    },
  });
  const store = await openStore(platform);
  await linkStore(store, BOB);
  await store.transaction(() => {
    store.conversations.add(CID, 0);
    store.conversations.addEpoch(commit, es);
  });
  parts = assemble({ platform, store, language: "fr" });
  news = [];
  pulls = [];
  parts.announcer.subscribe((event) => news.push(event));
  parts.connection.pull = (_, from, to) => void pulls.push([from, to]);
  const ending = new AbortController();
  stop.now = () => ending.abort();
  running = new Sync(platform, parts.inbox, parts).run(ending.signal).catch((error: unknown) => error);
});

afterEach(async () => {
  stop.now();
  expect(await running).toBeInstanceOf(Stopped);
});

/** Let these be taken, and everything that follows of itself. */
async function take(...events: readonly News[]): Promise<void> {
  for (const event of events) parts.inbox.put(event);
  for (let quiet = 0; quiet < 5; quiet += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (!parts.inbox.isEmpty) quiet = 0;
  }
}
function kinds(): readonly string[] {
  return news.map((event) => event.kind);
}

test("it is caught up once there are heads, nothing is missing and no deletion untold, and remembers when", async () => {
  await take(READY);
  expect(kinds()).not.toContain("synced");
  await take({ kind: "heads", items: [{ ...HEAD, lastSeq: 2 }] });
  expect([pulls, kinds().includes("synced")]).toEqual([[[1, 2]], false]);
  const items = [1, 2].map((seq) => ({ seq, env: envelope(ALICE, commit, es), ts: T0, gone: null }));
  const request = { kind: "pull", ref: 1, cid: CID, fromSeq: 1, toSeq: 2, limit: 1000 } as const;
  await take({ kind: "answered", request, answer: { kind: "page", ref: 1, cid: CID, items, more: false } });
  expect(kinds()).toContain("synced");
  expect(parts.store.device.resume()).toBe(T0);
});

test("a head that the network keeps from being taken is taken again, and nothing counts as caught up before", async () => {
  await take(READY);
  http.isDown = true;
  await take({ kind: "heads", items: [{ ...HEAD, epoch: 2 }] });
  expect(kinds()).not.toContain("synced");
  http.isDown = false;
  const again = later.find((one) => one.delayMs === 5000);
  later = [];
  again?.work();
  await take();
  expect(kinds()).toContain("synced");
  expect(parts.store.device.resume()).toBeNull(); // something was left behind: the next connection asks for all
});

test("a conversation that does not hold is said by name, the others go on", async () => {
  const other = "77".repeat(32);
  http.answers.set(`/api/chat/conversations/${other}/commits`, {
    commits: [draw(300)],
    boxes: [null],
    histories: [null],
  });
  await take(READY, {
    kind: "heads",
    items: [
      { ...HEAD, cid: other },
      { ...HEAD, lastSeq: 3 },
    ],
  });
  expect(news).toContainEqual({ kind: "commitRefused", cid: other, code: "bad_commit" });
  expect(pulls).toEqual([[1, 3]]);
});

test("a link that does not follow is set aside, and the server named for it", async () => {
  http.answers.set(`/api/chat/users/${ALICE.id}/chain`, { links: [packLink(ALICE.link)], opcerts: [OPCERT] });
  await take(READY, { kind: "link", uid: ALICE.id, link: draw(200) });
  expect(news).toContainEqual({ kind: "serverLied", code: "bad_link", cid: null, uid: ALICE.id });
  expect(parts.store.people.links(ALICE.id)).toHaveLength(1);
});

test("after a lag the heads are asked for, and pulled from", async () => {
  http.answers.set("/api/chat/conversations", { conversations: [[unhex(CID), 4, 0, 1]] });
  await take(READY, { kind: "lagged", unanswered: [] });
  expect(pulls).toEqual([[1, 4]]);
});

test("a device that is turned away without a signed link is locked, keeps all, and takes nothing more in", async () => {
  await take(READY, { kind: "turnedAway" });
  expect(news.at(-1)).toMatchObject({ kind: "revoked", wiped: false });
  expect(parts.store.device.locked()).not.toBe("");
  const before = http.asked.length;
  await take({ kind: "msg", cid: CID, seq: 1, env: envelope(ALICE, commit, es), ts: T0 });
  expect(parts.store.messages.has(CID, 1)).toBe(false);
  expect(http.asked).toHaveLength(before);
});

test("after a restore nothing of a conversation is pulled or sent before both have found what they share", async () => {
  const statement = restoration(1, new Uint8Array(), T0 - 1000);
  http.answers.set("/api/chat/restorations", { restorations: [statement] });
  http.answers.set("/api/chat/conversations", { conversations: [[unhex(CID), 4, 0, 1]] });
  const head = { ...HEAD, lastSeq: 4 };
  await take({ ...READY, storeEpoch: 1, storeHead: hex(parseRestoration(statement).hash) }, { kind: "heads", items: [head] });
  // Its commits cannot be had: it waits.
  expect(parts.reconciling.isWaiting(CID)).toBe(true);
  await take({ kind: "recv", cid: CID, seq: 3, uid: ALICE.id }, { kind: "checkGap", cid: CID });
  expect(pulls).toEqual([]);
  http.answers.set(`/api/chat/conversations/${CID}/commits`, {
    commits: [packCommit(commit)],
    boxes: [null],
    histories: [null],
  });
  await take({ kind: "msg", cid: CID, seq: 4, env: envelope(ALICE, commit, es), ts: T0 });
  expect(parts.reconciling.isWaiting(CID)).toBe(false);
  expect(pulls).toEqual([[1, 4]]);
});
