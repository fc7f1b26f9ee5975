/** One conversation and a server that has lost the end of it: what is common goes on, what is not is kept apart. */

import { packCommit } from "@miss/core/commits.js";
import { hashEnvelope } from "@miss/core/envelopes.js";
import { logNext, logStart } from "@miss/core/receipts.js";
import { parseRestoration } from "@miss/core/restorations.js";
import { beforeEach, expect, test } from "vitest";

import { type Assembly, assemble } from "../assembly.js";
import type { EngineEvent } from "../api.js";
import type { Head, Ready } from "../frames.js";
import { hex, unhex } from "../ids.js";
import type { Platform } from "../platform.js";
import { openStore, testPlatform } from "../testing/platform.js";
import { HttpAnswers } from "../testing/server.js";
import {
  ALICE,
  BOB,
  certificate,
  depositReceipt,
  envelope,
  linkStore,
  nextCommit,
  RC,
  restoration,
  T0,
} from "../testing/world.js";
import { Reconciling } from "./reconciling.js";

const { commit, es } = nextCommit(null, [ALICE, BOB]);
const CID = hex(commit.core.cid);
const HOUR_MS = 3_600_000;
const RETRY_MS = 5000;
/** Messages of a log, one a minute from an hour before the restore on; who wrote each. */
const AUTHORS = [ALICE, BOB, ALICE, BOB, ALICE] as const;
const ENVS = AUTHORS.map((author, at) => envelope(author, commit, es, { text: `n° ${at + 1}` }));

let parts: Assembly;
let http: HttpAnswers;
let news: EngineEvent[];
let reconciling: Reconciling;
let noted: unknown[];
let isOpen: boolean;
let pauses: number;
const signal = new AbortController().signal;

/** The log after each place, as the server signs it. */
function logs(envs: readonly Uint8Array[]): readonly Uint8Array[] {
  let log = logStart(commit.core.cid);
  return envs.map((env, at) => (log = logNext(log, hashEnvelope(env), at + 1)));
}

/** The server has these envelopes, and receipts for them. */
function has(envs: readonly Uint8Array[], key = RC): void {
  for (let seq = 1; seq <= ENVS.length; seq += 1) http.answers.delete(receiptPath(seq));
  logs(envs).forEach((log, at) => {
    const leaf = { cid: commit.core.cid, seq: at + 1, envHash: hashEnvelope(envs[at] as Uint8Array), log, serverTs: T0 };
    const receipt = depositReceipt(leaf, key);
    http.answers.set(receiptPath(at + 1), { receipt, env: new Uint8Array(), opcerts: [certificate("receipt", RC)] });
  });
  http.answers.set("/api/chat/conversations", { conversations: [[unhex(CID), envs.length, 0, 1]] });
}
function receiptPath(seq: number): string {
  return `/api/chat/conversations/${CID}/receipts/${seq}`;
}

/** The server says that it was restored to `restoredTo`. */
function restored(restoredTo: number): Ready {
  const statement = restoration(1, new Uint8Array(), restoredTo);
  http.answers.set("/api/chat/restorations", { restorations: [statement] });
  const rest = { resumed: false, serverTs: T0, linkHead: "", httpToken: "t" };
  return { kind: "ready", ...rest, storeEpoch: 1, storeHead: hex(parseRestoration(statement).hash) };
}

function prepare(ready: Ready): Promise<readonly Head[]> {
  return reconciling.prepare(ready, async (error) => void noted.push(error), signal);
}

function texts(): readonly string[] {
  return parts.store.messages.list(CID, null, 100).map((message) => message.text);
}
function lostTexts(): readonly string[] {
  return parts.store.lost.list(CID).map(({ message }) => message.text);
}

beforeEach(async () => {
  http = new HttpAnswers();
  noted = [];
  news = [];
  isOpen = true;
  pauses = 0;
  const later: Platform["later"] = (work, delayMs) => {
    if (delayMs !== RETRY_MS) return () => undefined;
    pauses += 1;
    queueMicrotask(work);
    return () => undefined;
  };
  const platform = testPlatform({ fetch: http.fetch, nowMs: () => T0, later });
  const store = await openStore(platform);
  await linkStore(store, BOB);
  await store.transaction(() => {
    store.conversations.add(CID, 0);
    store.conversations.addEpoch(commit, es);
  });
  parts = assemble({ platform, store, language: "fr" });
  const items = ENVS.map((env, at) => ({ seq: at + 1, env, ts: T0 - HOUR_MS + at * 60_000, gone: null }));
  await parts.intake.take(CID, items, ENVS.length);
  const told = { readSeq: 5, readReportedSeq: 5, receivedReportedSeq: 5 };
  await store.transaction(() => store.conversations.advance(CID, told));
  parts.announcer.subscribe((event) => news.push(event));
  reconciling = new Reconciling({ ...parts, isOpen: () => isOpen });
  http.answers.set("/api/chat/restored-links", { added: 0 });
  http.answers.set(`/api/chat/conversations/${CID}/commits`, { commits: [packCommit(commit)], boxes: [null], histories: [null] });
});

test("what both have goes on, the rest is kept apart, one's own is to be sent again, in its order and once", async () => {
  has(ENVS.slice(0, 2));
  const [head] = await prepare(restored(T0 - HOUR_MS));
  expect(reconciling.isWaiting(CID)).toBe(true);
  expect(await reconciling.reconcile(head as Head)).toBe(true);
  expect(reconciling.isWaiting(CID)).toBe(false);
  expect(texts()).toEqual(["n° 1", "n° 2"]);
  expect(lostTexts()).toEqual(["n° 3", "n° 4", "n° 5"]);
  expect(parts.store.outbox.list(CID).map(({ draft }) => draft.text)).toEqual(["n° 4"]);
  expect(parts.store.lost.list(CID).map(({ resent }) => resent)).toEqual([false, true, false]);
  expect(news).toContainEqual({ kind: "reconciled", cid: CID, commonSeq: 2, lost: 3, resent: 1 });
  const told = { readReportedSeq: 0, receivedReportedSeq: 0 };
  expect(parts.store.conversations.get(CID)).toMatchObject({ lastSeq: 2, syncedSeq: 2, readSeq: 2, ...told });
  // Again, as after a crash: nothing more happens.
  expect(await reconciling.reconcile(head as Head)).toBe(false);
  expect(parts.store.outbox.list(CID)).toHaveLength(1);
});

test("the last common place is found where others have written meanwhile", async () => {
  const others = [1, 2].map((at) => envelope(ALICE, commit, es, { text: `autre ${at}` }));
  has([...ENVS.slice(0, 3), ...others]);
  const [head] = await prepare(restored(T0 - HOUR_MS));
  await reconciling.reconcile(head as Head);
  expect(lostTexts()).toEqual(["n° 4", "n° 5"]);
});

test("what comes back into the log is not lost any more", async () => {
  has(ENVS.slice(0, 4));
  const [head] = await prepare(restored(T0 - HOUR_MS));
  await reconciling.reconcile(head as Head);
  expect(lostTexts()).toEqual(["n° 5"]);
  await parts.intake.take(CID, [{ seq: 5, env: ENVS[4] as Uint8Array, ts: T0, gone: null }], 5);
  expect([texts().at(-1), lostTexts()]).toEqual(["n° 5", []]);
});

test("a log that ends before what the statement covers is refused, and all stays as it was", async () => {
  has(ENVS.slice(0, 2));
  const [head] = await prepare(restored(T0));
  expect(await reconciling.reconcile(head as Head)).toBe(false);
  expect(news).toContainEqual({ kind: "serverLied", code: "rollback_not_covered", cid: CID, uid: null });
  expect([texts().length, lostTexts(), reconciling.isWaiting(CID)]).toEqual([5, [], false]);
  expect(parts.store.outbox.list(CID)).toEqual([]);
});

test("a receipt that the operator's key did not sign settles nothing", async () => {
  has(ENVS.slice(0, 2), ALICE.keys.ik);
  const [head] = await prepare(restored(T0 - HOUR_MS));
  await expect(reconciling.reconcile(head as Head)).rejects.toMatchObject({ code: "receipt_forged" });
  expect([texts().length, reconciling.isWaiting(CID)]).toEqual([5, true]);
});

test("without a statement that holds nothing waits, and nothing is cut", async () => {
  has(ENVS.slice(0, 2));
  const ready = restored(T0 - HOUR_MS);
  http.answers.set("/api/chat/restorations", { restorations: [] });
  expect(await prepare(ready)).toEqual([]);
  expect(noted).toMatchObject([{ code: "restoration_forked" }]);
  expect([reconciling.isWaiting(CID), texts().length]).toEqual([false, 5]);
});

test("links are given back again on the next connection, if the first could not", async () => {
  has(ENVS);
  const ready = restored(T0 - HOUR_MS);
  http.answers.delete("/api/chat/restored-links");
  await prepare(ready);
  const before = http.asked.length;
  await prepare(ready);
  expect(http.asked.slice(before)).toContain("/api/chat/restored-links");
  expect(http.asked.slice(before)).not.toContain("/api/chat/restorations");
});

const REFUSABLE = ["/api/chat/restorations", "/api/chat/restored-links", "/api/chat/conversations"];

test.each(REFUSABLE)("what is refused for the moment is asked again until it is answered: %s", async (path) => {
  has(ENVS.slice(0, 2));
  const ready = restored(T0 - HOUR_MS);
  const codes = ["rate", "too_many_requests", "internal", "database_unreachable"];
  http.refusals.set(path, [...codes]);
  expect(await prepare(ready)).toMatchObject([{ cid: CID, lastSeq: 2 }]);
  expect(pauses).toBe(codes.length);
  expect(noted).toEqual([]);
});

test.each(["/api/chat/restorations", "/api/chat/restored-links"])("a device that is not known any more tries again after a refusal for the moment: %s", async (path) => {
  has(ENVS);
  await prepare(restored(T0 - HOUR_MS));
  http.answers.set("/api/chat/restorations", { restorations: [] });
  http.answers.set("/api/chat/restored-links", { added: 1 });
  for (const code of ["database_unreachable", "too_many_requests"]) {
    http.refusals.set(path, [code]);
    expect(await reconciling.rescue(), code).toBe(true);
  }
  http.isDown = true;
  expect(await reconciling.rescue(), "no network").toBe(true);
  http.isDown = false;
  expect(await reconciling.rescue(), "its links are given back").toBe(true);
});

test("a device that no restore explains, or that is refused for good, does not try again", async () => {
  http.answers.set("/api/chat/restorations", { restorations: [] });
  expect(await reconciling.rescue()).toBe(false);
  http.refusals.set("/api/chat/restorations", ["account_not_active"]);
  expect(await reconciling.rescue()).toBe(false);
  restored(T0 - HOUR_MS);
  expect(await reconciling.rescue(), "the server has them all").toBe(false);
});

test("nobody goes on asking once the connection has ended", async () => {
  has(ENVS.slice(0, 2));
  const ready = restored(T0 - HOUR_MS);
  http.refusals.set("/api/chat/conversations", ["database_unreachable"]);
  isOpen = false;
  await expect(prepare(ready)).rejects.toMatchObject({ code: "not_connected" });
  expect(reconciling.isWaiting(CID)).toBe(true);
});

test("a refusal for good is not asked about again", async () => {
  has(ENVS.slice(0, 2));
  const ready = restored(T0 - HOUR_MS);
  http.refusals.set("/api/chat/conversations", ["device_revoked"]);
  await expect(prepare(ready)).rejects.toMatchObject({ code: "device_revoked" });
  expect(pauses).toBe(0);
});

test("who was taken out by a commit that is lost is not written to", async () => {
  const { store } = parts;
  await store.transaction(() => store.restorations.noteOut(CID, [BOB.id]));
  expect(() => parts.epochs.writable(CID)).toThrow(expect.objectContaining({ code: "removed_member_back" }));
  const next = nextCommit(commit, [ALICE]);
  await store.transaction(() => store.restorations.settleOut(next.commit));
  expect(store.restorations.listOut(CID)).toEqual([]);
});
