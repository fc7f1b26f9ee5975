import { beforeEach, expect, test } from "vitest";

import { type Assembly, assemble } from "../assembly.js";
import type { Err, Item, Page, Pull } from "../frames.js";
import { hex } from "../ids.js";
import { openStore, testPlatform } from "../testing/platform.js";
import { HttpAnswers } from "../testing/server.js";
import { ALICE, BOB, envelope, linkStore, nextCommit, T0 } from "../testing/world.js";
import { Fetching } from "./fetching.js";

const { commit, es } = nextCommit(null, [ALICE, BOB]);
const CID = hex(commit.core.cid);
const ENVS = Array.from({ length: 9 }, (_, at) => envelope(ALICE, commit, es, { text: `n° ${at + 1}` }));

let parts: Assembly;
let fetching: Fetching;
let pulls: (readonly [from: number, to: number])[];
let checks: number[];

beforeEach(async () => {
  const platform = testPlatform({ fetch: new HttpAnswers().fetch, nowMs: () => T0 });
  const store = await openStore(platform);
  await linkStore(store, BOB);
  await store.transaction(() => {
    store.conversations.add(CID, 0);
    store.conversations.addEpoch(commit, es);
  });
  parts = assemble({ platform, store, language: "fr" });
  pulls = [];
  checks = [];
  const connection = { pull: (_: string, from: number, to: number) => void pulls.push([from, to]) };
  const user = { checkLater: (_: string, delayMs: number) => void checks.push(delayMs), kept: () => undefined, waits: () => false };
  fetching = new Fetching(store, connection, parts.intake, user);
});

function item(seq: number): Item {
  return { seq, env: ENVS[seq - 1] as Uint8Array, ts: T0, gone: null };
}
function arrives(seq: number): Promise<void> {
  return fetching.takeMsg({ kind: "msg", cid: CID, seq, env: ENVS[seq - 1] as Uint8Array, ts: T0 });
}
function pull(fromSeq: number, toSeq: number): Pull {
  return { kind: "pull", ref: 1, cid: CID, fromSeq, toSeq, limit: 1000 };
}
function page(items: readonly Item[], more: boolean): Page {
  return { kind: "page", ref: 1, cid: CID, items, more };
}
function refusal(code: string, retryAfterS: number | null = null): Err {
  return { kind: "err", ref: 1, code, retryAfterS, fatal: false, epoch: null, seq: null, envHash: null };
}
function shown(): readonly string[] {
  return parts.store.messages.list(CID, null, 100).map((one) => one.refused || one.text);
}

test("what comes too early is held for a moment, then the gap is pulled", async () => {
  await arrives(1);
  await arrives(3);
  expect([shown(), checks, pulls]).toEqual([["n° 1"], [100], []]);
  await arrives(2);
  expect(shown()).toEqual(["n° 1", "n° 2", "n° 3"]);
  await arrives(6);
  fetching.fill(CID);
  expect(pulls).toEqual([[4, 6]]);
  expect(fetching.isDone).toBe(false);
  await fetching.takePage(pull(4, 6), page([item(4), item(5), item(6)], false));
  expect(shown()).toHaveLength(6);
  expect(fetching.isDone).toBe(true);
});

test("a page that was cut is followed by the next; what was not asked for is not taken", async () => {
  await fetching.heardOf(CID, 5);
  fetching.fill(CID);
  await fetching.takePage(pull(1, 5), page([item(1), item(2), item(9)], true));
  expect(pulls).toEqual([
    [1, 5],
    [3, 5],
  ]);
  expect(shown()).toEqual(["n° 1", "n° 2"]);
});

test("a range that is not ours to read counts as fetched, a rate is waited for", async () => {
  await fetching.heardOf(CID, 4);
  fetching.fill(CID);
  await fetching.takeRefusal(pull(1, 4), refusal("rate", 3));
  expect(checks.at(-1)).toBe(3000);
  fetching.fill(CID);
  await fetching.takeRefusal(pull(1, 4), refusal("not_found"));
  expect(parts.store.conversations.get(CID).syncedSeq).toBe(4);
  expect(fetching.isDone).toBe(true);
});

test("a new connection goes on where the last one stopped, and asks again for what was refused", async () => {
  const altered = (ENVS[1] as Uint8Array).slice(0, -1);
  await fetching.heardOf(CID, 5);
  fetching.fill(CID);
  await fetching.takePage(pull(1, 5), page([item(1), { ...item(2), env: altered }, item(3)], true));
  expect(shown()).toEqual(["n° 1", "bad_envelope", "n° 3"]);
  fetching.forget();
  pulls.length = 0;
  fetching.begin();
  expect(pulls).toEqual([[2, 2]]); // one pull of a conversation at a time
  await fetching.takePage(pull(2, 2), page([item(2)], false));
  expect(shown()).toEqual(["n° 1", "n° 2", "n° 3"]);
  expect(pulls).toEqual([
    [2, 2],
    [4, 5],
  ]);
});

test("a head before what the server had given is a rollback", async () => {
  await fetching.takePage(pull(1, 3), page([item(1), item(2), item(3)], false));
  fetching.begin();
  await fetching.takeHead(CID, 3);
  expect(parts.store.splits.list(CID)).toEqual([]);
  await fetching.takeHead(CID, 2);
  expect(parts.store.splits.list(CID)).toMatchObject([{ atSeq: 3, uid: null }]);
});
