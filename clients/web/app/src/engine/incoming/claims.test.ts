import { composeAcknowledgement } from "@miss/core/acknowledgements.js";
import { hashEnvelope } from "@miss/core/envelopes.js";
import { composeReadReceipt, logNext, logStart } from "@miss/core/receipts.js";
import { beforeEach, describe, expect, test } from "vitest";

import type { EngineEvent } from "../api.js";
import { type Assembly, assemble } from "../assembly.js";
import { AlarmState, type Read } from "../frames.js";
import { hex } from "../ids.js";
import { isLie } from "../incidents.js";
import { EMPTY } from "../model.js";
import { newAlarm } from "../store/contents.js";
import { openStore, testPlatform } from "../testing/platform.js";
import { HttpAnswers } from "../testing/server.js";
import { ALICE, BOB, CAROL, draw, envelope, linkStore, nextCommit, type Person, PLAIN, T0 } from "../testing/world.js";

const { commit, es } = nextCommit(null, [ALICE, BOB]);
const CID = hex(commit.core.cid);

let parts: Assembly;
let http: HttpAnswers;
let news: EngineEvent[];
let clock: { nowMs: number; monotonicMs: number };

beforeEach(async () => {
  http = new HttpAnswers();
  clock = { nowMs: T0, monotonicMs: 0 };
  const platform = testPlatform({ fetch: http.fetch, nowMs: () => clock.nowMs, monotonicMs: () => clock.monotonicMs });
  const store = await openStore(platform);
  await linkStore(store, BOB);
  await store.transaction(() => {
    store.conversations.add(CID, 0);
    store.conversations.addEpoch(commit, es);
  });
  parts = assemble({ platform, store, language: "fr" });
  news = [];
  parts.announcer.subscribe((event) => news.push(event));
});

function readBy(person: Person, seq: number, log: Uint8Array, signer = person): Read {
  const said = { cid: commit.core.cid, seq, log, uid: person.uid, did: person.did, tsMs: T0 };
  return { kind: "read", cid: CID, seq, receipt: composeReadReceipt(said, signer.keys.ik).raw, uid: person.id };
}
async function takeRead(frame: Read): Promise<void> {
  await parts.claims.take(frame, (one) => parts.markers.takeRead(one));
}

describe("a read receipt", () => {
  const env = envelope(ALICE, commit, es, { text: "un" });
  const log = logNext(logStart(commit.core.cid), hashEnvelope(env), 1);
  beforeEach(() => parts.intake.take(CID, [{ seq: 1, env, ts: T0, gone: null }], 1));

  test("of a member counts by its signature, as read and as received, and never goes back", async () => {
    await takeRead(readBy(ALICE, 1, log));
    expect(parts.store.conversations.markers(CID, "read")).toEqual({ [ALICE.id]: 1 });
    expect(news.slice(-2).map((event) => event.kind)).toEqual(["delivered", "readBy"]);
    const before = news.length;
    await takeRead(readBy(ALICE, 1, log));
    expect(news).toHaveLength(before);
  });

  test("about another log is proof; about one that is not here yet it waits", async () => {
    await takeRead(readBy(ALICE, 2, draw(32)));
    expect(news.map((event) => event.kind)).not.toContain("splitView");
    await parts.intake.take(CID, [{ seq: 2, env: envelope(ALICE, commit, es), ts: T0, gone: null }], 2);
    expect(news).toContainEqual({ kind: "splitView", cid: CID, atSeq: 2, uid: ALICE.id });
  });

  test("signed by another, or of no member, is refused, after the server was asked once", async () => {
    const forged = readBy(ALICE, 1, log, CAROL);
    await expect(takeRead(forged)).rejects.toMatchObject({ code: "receipt_forged" });
    expect(http.asked).toEqual([]); // its author is known: nothing to ask
    const stranger = readBy(CAROL, 1, log);
    await expect(takeRead(stranger)).rejects.toMatchObject({ code: "receipt_forged" });
    const commits = (): number => http.asked.filter((path) => path.endsWith("/commits")).length;
    expect(commits()).toBe(1);
    await parts.incidents.note(await takeRead(stranger).catch((error: unknown) => error), stranger);
    await expect(takeRead(stranger)).rejects.toMatchObject({ code: "receipt_forged" });
    expect(commits()).toBe(2); // found out a moment ago: not asked about again
    expect(parts.store.conversations.markers(CID, "read")).toEqual({});
  });
});

test("a lie is noted once a minute for each subject, and kept", async () => {
  const error = await takeRead(readBy(ALICE, 1, draw(32), CAROL)).catch((one: unknown) => one);
  expect(isLie(error)).toBe(true);
  const event = { cid: CID };
  expect(await parts.incidents.note(error, event)).toBe(true);
  clock.monotonicMs = 59_000;
  expect(await parts.incidents.note(error, event)).toBe(false);
  clock = { nowMs: T0 + 60_001, monotonicMs: 60_001 };
  expect(await parts.incidents.note(error, event)).toBe(true);
  const subject = { code: "receipt_forged", cid: CID, uid: null };
  expect(parts.store.incidents.list()).toEqual([{ ...subject, firstAtMs: T0, lastAtMs: T0 + 60_001 }]);
  expect(news.filter((one) => one.kind === "serverLied")).toHaveLength(2);
  // Who is not known here is not named.
  await parts.incidents.note(error, { cid: "ff".repeat(32), uid: "ee".repeat(16) });
  expect(news.at(-1)).toEqual({ kind: "serverLied", code: "receipt_forged", cid: null, uid: null });
});

describe("an alarm", () => {
  const env = envelope(ALICE, commit, es, { text: "K+ 7,1" });
  beforeEach(async () => {
    const alarm = newAlarm(T0 + 60_000, [BOB.id]);
    const ids = { cid: CID, seq: 1, mid: hex(draw(16)), uid: ALICE.id, did: ALICE.didId };
    const message = { ...EMPTY, ...ids, sentAtMs: T0, depositedAtMs: T0, text: "K+ 7,1", alarm };
    await parts.store.transaction(() => {
      parts.store.messages.add(message, { envelopeId: null, envHash: hex(hashEnvelope(env)), epoch: 1 });
      parts.store.alarms.put(CID, 1, { state: AlarmState.WAITING, asked: null, acknowledgement: null });
    });
  });
  const frame = (
    state: AlarmState,
    uid: string | null,
    ack: Uint8Array | null = null,
  ): Parameters<Assembly["signals"]["take"]>[0] => ({ kind: "alarm", cid: CID, seq: 1, state, uid, ack });
  const acknowledged = (person: Person, about = env): Uint8Array => {
    const said = {
      cid: commit.core.cid,
      seq: 1,
      envHash: hashEnvelope(about),
      uid: person.uid,
      did: person.did,
      tsMs: T0 + 5,
    };
    return composeAcknowledgement(said, person.keys.ik).raw;
  };
  const now = (): unknown => parts.store.messages.find(CID, 1)?.alarm;

  test("goes on by the server's word, and ends by a member's signature alone", async () => {
    await parts.signals.take(frame(AlarmState.ESCALATED, BOB.id));
    expect(now()).toMatchObject({ state: "escalated", asked: BOB.id });
    expect(news.at(-1)).toMatchObject({ kind: "alarm", how: "escalated" });
    for (const ack of [
      null,
      acknowledged(ALICE),
      acknowledged(CAROL),
      acknowledged(BOB, envelope(ALICE, commit, es)),
    ]) {
      await expect(parts.signals.take(frame(AlarmState.ACKNOWLEDGED, BOB.id, ack))).rejects.toThrow(/acknowledgement/);
    }
    expect(now()).toMatchObject({ state: "escalated" });
    await parts.signals.take(frame(AlarmState.ACKNOWLEDGED, BOB.id, acknowledged(BOB)));
    expect(now()).toMatchObject({
      state: "acknowledged",
      acknowledgedBy: BOB.id,
      acknowledgedAtMs: T0 + 5,
      asked: null,
    });
    await parts.signals.take(frame(AlarmState.EXHAUSTED, null)); // the first acknowledgement is the end
    expect(now()).toMatchObject({ state: "acknowledged" });
  });
});

test("messages past their time leave, and say when the next is due", async () => {
  const { commit: brief, es: secret } = nextCommit(commit, [ALICE, BOB], { ...PLAIN, ttlS: 60 });
  await parts.store.transaction(() => parts.store.conversations.addEpoch(brief, secret));
  const items = [0, 40_000].map((late, at) => ({
    seq: at + 1,
    env: envelope(ALICE, brief, secret, { text: "bref" }),
    ts: T0 + late,
    gone: null,
  }));
  await parts.intake.take(CID, items, 2);
  expect(await parts.expiry.look(CID)).toBe(60_000);
  clock.nowMs = T0 + 60_001;
  expect(await parts.expiry.look(CID)).toBe(39_999);
  expect(news.find((event) => event.kind === "expired")).toEqual({ kind: "expired", cid: CID, seqs: [1] });
  expect(parts.store.messages.list(CID, null, 9).map((one) => one.seq)).toEqual([2]);
  // Somebody sets the clock a year ahead: the server's time, said meanwhile, and the machine's count of it hold.
  parts.time.note(T0 + 60_001);
  clock.nowMs += 365 * 24 * 3600 * 1000;
  expect(await parts.expiry.look(CID)).toBe(39_999);
});
