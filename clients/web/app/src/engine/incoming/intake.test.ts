import { logNext, logStart } from "@miss/core/receipts.js";
import { hashEnvelope } from "@miss/core/envelopes.js";
import { composeTombstone } from "@miss/core/tombstones.js";
import { beforeEach, describe, expect, test } from "vitest";

import type { EngineEvent } from "../api.js";
import { type Assembly, assemble } from "../assembly.js";
import type { Item } from "../frames.js";
import { hex } from "../ids.js";
import { openStore, testPlatform } from "../testing/platform.js";
import { HttpAnswers } from "../testing/server.js";
import { ALICE, BOB, CAROL, draw, envelope, linkStore, nextCommit, type Person, PLAIN, T0 } from "../testing/world.js";

const { commit, es } = nextCommit(null, [ALICE, BOB]);
const CID = hex(commit.core.cid);
const EMPTY = new Uint8Array();

let parts: Assembly;
let http: HttpAnswers;
let news: EngineEvent[];

/** Bob's device, which has the conversation; his clock stands at T0. */
beforeEach(async () => {
  http = new HttpAnswers();
  const platform = testPlatform({ fetch: http.fetch, nowMs: () => T0 });
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

function item(seq: number, env: Uint8Array): Item {
  return { seq, env, ts: T0 + seq, gone: null };
}
function says(text: string, author: Person = ALICE, body: Parameters<typeof envelope>[3] = {}): Uint8Array {
  return envelope(author, commit, es, { text, ...body });
}
async function take(...items: readonly Item[]): Promise<void> {
  await parts.intake.take(CID, items, items.at(-1)?.seq ?? 0);
}
function shown(): readonly string[] {
  return parts.store.messages.list(CID, null, 100).map((one) => one.refused || one.text);
}
function kinds(): readonly string[] {
  return news.map((event) => event.kind);
}
/** The log after these envelopes, from the beginning. */
function logOf(...envs: readonly Uint8Array[]): Uint8Array {
  return envs.reduce((log, env, at) => logNext(log, hashEnvelope(env), at + 1), logStart(commit.core.cid));
}

describe("what holds", () => {
  test("is stored in order, continues the log, and is then announced", async () => {
    const [first, second] = [says("un"), says("deux")];
    await take(item(1, first), item(2, second));
    expect(shown()).toEqual(["un", "deux"]);
    expect(parts.store.messages.lastLog(CID)).toEqual({ seq: 2, log: hex(logOf(first, second)) });
    expect(parts.store.conversations.get(CID)).toMatchObject({ syncedSeq: 2, lastSeq: 2 });
    expect(kinds()).toEqual(["message", "message", "conversation"]);
    const [told] = news;
    expect(told).toMatchObject({ message: { uid: ALICE.id, did: ALICE.didId, isMine: false, text: "un" } });
    expect(JSON.stringify(told)).not.toContain("parts"); // no key leaves the engine
    expect((await parts.store.evidence.find(CID, 1))?.env).toEqual(first);
  });

  test("is not stored while the server cannot be asked what it takes to open it, and then is", async () => {
    const { commit: second, es: secret } = nextCommit(commit, [ALICE, BOB]);
    const env = envelope(ALICE, second, secret, { text: "sous la suivante" });
    http.isDown = true;
    await expect(take(item(1, env))).rejects.toMatchObject({ code: "server_unreachable" });
    expect(parts.store.messages.has(CID, 1)).toBe(false);
    http.isDown = false;
    await parts.store.transaction(() => parts.store.conversations.addEpoch(second, secret));
    await take(item(1, env));
    expect(shown()).toEqual(["sous la suivante"]);
  });

  test("of another one's edit or deletion changes nothing", async () => {
    const mid = draw(16);
    await take(item(1, says("à moi", ALICE, { mid })));
    await take(
      item(2, says("volé", BOB, { type: "edit", reply: mid })),
      item(3, says("", BOB, { type: "delete", reply: mid })),
    );
    expect(shown()).toEqual(["à moi"]);
    await take(item(4, says("corrigé", ALICE, { type: "edit", reply: mid })));
    expect(shown()).toEqual(["corrigé"]);
    expect(news.filter((event) => event.kind === "messageChanged")).toMatchObject([{ how: "edit", by: ALICE.id }]);
  });
});

describe("what does not hold", () => {
  test("keeps its place under its code, and gives it to what holds", async () => {
    const env = says("vrai");
    const altered = env.slice();
    altered[env.length - 1] = (altered[env.length - 1] as number) ^ 1;
    await take(item(1, altered), item(2, says("suite")));
    expect(shown()).toEqual(["envelope_unreadable", "suite"]);
    await parts.intake.take(CID, [item(1, env)], 0);
    expect(shown()).toEqual(["vrai", "suite"]);
    // The same place showed two things: that is kept too.
    expect(parts.store.splits.list(CID)).toMatchObject([{ atSeq: 1, uid: null }]);
    expect(parts.store.messages.lastLog(CID)?.seq).toBe(2);
  });

  test("is a replay, at another place, of an envelope or of a message", async () => {
    const mid = draw(16);
    const env = says("une fois", ALICE, { mid });
    await take(item(1, env), item(2, env), item(3, says("encore", ALICE, { mid })));
    expect(shown()).toEqual(["une fois", "message_replayed", "message_replayed"]);
    expect(parts.store.messages.find(CID, 2)).toMatchObject({ uid: null, mid: null, text: "" });
  });

  test("is somebody who is no member, or writes under an epoch that is over", async () => {
    const { commit: second, es: secret } = nextCommit(commit, [ALICE, BOB, CAROL]);
    await parts.store.transaction(() => parts.store.conversations.addEpoch(second, secret));
    const late = says("sous l'ancienne");
    // The server knows of no other device of the members.
    const chains = [ALICE, BOB].map((one) => [one.uid, []] as const);
    http.answers.set("/api/chat/chains", { chains, opcerts: [], more: false });
    await take(
      item(1, envelope(CAROL, commit, es)),
      item(2, envelope(CAROL, second, secret, { text: "bonjour" })),
      item(3, late),
    );
    expect(shown()).toEqual(["unknown_sender", "bonjour", "wrong_commit"]);
  });

  test("is a place left out or blank without a reason; its hash continues the log", async () => {
    const [first, second, third] = [says("un"), says("deux"), says("trois")];
    await take(item(1, first), item(3, third));
    expect(shown()).toEqual(["un", "message_withheld", "trois"]);
    expect(parts.store.messages.lastLog(CID)?.seq).toBe(1);
    const gone = { envHash: hex(hashEnvelope(second)), tombstone: null };
    await parts.intake.take(CID, [{ seq: 4, env: EMPTY, ts: T0 - 1000, gone }], 4);
    expect(shown().at(-1)).toBe("message_withheld");
    // What the members agreed on makes the same blank an honest one.
    const { commit: brief, es: secret } = nextCommit(commit, [ALICE, BOB], { ...PLAIN, ttlS: 3600 });
    await parts.store.transaction(() => parts.store.conversations.addEpoch(brief, secret));
    await parts.intake.take(CID, [{ seq: 5, env: EMPTY, ts: T0 - 7_200_000, gone }], 5);
    expect(parts.store.messages.find(CID, 5)).toMatchObject({ refused: "", isDeleted: true });
    expect(shown()).toHaveLength(4); // it has no place of its own to show
  });

  test("cannot be kept on a full disk: nothing is, and it is taken again", async () => {
    const { IDBObjectStore } = await import("fake-indexeddb");
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const env = says("un");
    try {
      await expect(take(item(1, env))).rejects.toMatchObject({ code: "storage_full" });
    } finally {
      IDBObjectStore.prototype.put = put;
    }
    expect(news).toEqual([]);
    await take(item(1, env));
    expect(shown()).toEqual(["un"]);
  });
});

describe("a tombstone", () => {
  const tombstone = (signer: Person, env: Uint8Array): Uint8Array => {
    const said = {
      cid: commit.core.cid,
      seq: 1,
      envHash: hashEnvelope(env),
      uid: signer.uid,
      did: signer.did,
      tsMs: T0 + 9,
    };
    return composeTombstone(said, signer.keys.ik).raw;
  };

  test("of the author takes the content away, whether it is here or not", async () => {
    const env = says("à retirer");
    await take(item(1, env));
    await parts.signals.take({ kind: "del", cid: CID, seq: 1, tombstone: tombstone(ALICE, env), uid: ALICE.id });
    expect(parts.store.messages.find(CID, 1)).toMatchObject({ isDeleted: true, text: "", deletedAtMs: T0 + 9 });
    expect(await parts.store.evidence.find(CID, 1)).toBeNull();
    expect(news.at(-1)).toMatchObject({ kind: "messageChanged", how: "delete", by: ALICE.id });
  });

  test("of somebody else, or about another envelope, is refused", async () => {
    const env = says("reste");
    await take(item(1, env));
    for (const forged of [tombstone(BOB, env), tombstone(ALICE, says("autre"))]) {
      const del = { kind: "del", cid: CID, seq: 1, tombstone: forged, uid: ALICE.id } as const;
      await expect(parts.signals.take(del)).rejects.toMatchObject({ code: "tombstone_forged" });
    }
    const gone = { envHash: hex(hashEnvelope(env)), tombstone: tombstone(CAROL, env) };
    await parts.intake.take(CID, [{ seq: 2, env: EMPTY, ts: T0, gone }], 2);
    expect(shown()).toEqual(["reste", "tombstone_forged"]);
  });
});

describe("one log for everybody, or proof", () => {
  test("an author who saw the same is believed, one who saw another log is proof", async () => {
    const first = says("un");
    const same = says("deux", ALICE, { seen: { seq: 1, log: logOf(first) } });
    const other = says("trois", ALICE, { seen: { seq: 1, log: logOf(says("autre")) } });
    await take(item(1, first), item(2, same));
    expect(kinds()).not.toContain("splitView");
    await take(item(3, other));
    expect(news).toContainEqual({ kind: "splitView", cid: CID, atSeq: 1, uid: ALICE.id });
    expect(parts.store.splits.list(CID)).toMatchObject([{ ours: hex(logOf(first)), proof: other }]);
    await parts.intake.take(CID, [item(3, other)], 0);
    expect(news.filter((event) => event.kind === "splitView")).toHaveLength(1); // announced once
  });

  test("a place that its author had already seen taken was given away again", async () => {
    await take(item(1, says("un", ALICE, { seen: { seq: 5, log: logOf() } })));
    expect(news).toContainEqual({ kind: "splitView", cid: CID, atSeq: 5, uid: ALICE.id });
  });

  test("a log that ends earlier than before", async () => {
    await take(item(1, says("un")), item(2, says("deux")));
    await parts.intake.noteRollback(CID, 1);
    expect(news).toContainEqual({ kind: "splitView", cid: CID, atSeq: 2, uid: null });
    expect(parts.store.conversations.get(CID)).toMatchObject({ lastSeq: 1, syncedSeq: 1 });
  });
});

test("a message of this device leaves the outbox when it comes back through the log", async () => {
  const mid = draw(16);
  const draft = {
    tsMs: T0,
    type: "text",
    text: "à moi",
    reply: null,
    attachments: [],
    urgent: false,
    mentions: [],
    ackByMs: null,
    nextUids: [],
  };
  await parts.store.transaction(() => parts.store.outbox.add(hex(mid), CID, draft));
  await take(item(1, says("à moi", BOB, { mid })));
  expect(parts.store.outbox.list(CID)).toEqual([]);
  expect(kinds()).toEqual(["message", "sent", "conversation"]);
});
