import { describe, expect, test } from "vitest";

import { EMPTY, type LogMessage } from "../model.js";
import { openStore, testPlatform } from "../testing/platform.js";
import { ALICE, linkStore, nextCommit } from "../testing/world.js";
import { hex } from "../ids.js";
import { request, STORES } from "./schema.js";
import { Store } from "./store.js";

const CID = "c1".repeat(32);

function message(seq: number, fields: Partial<LogMessage> = {}): LogMessage {
  const ids = { cid: CID, seq, mid: seq.toString(16).padStart(32, "0"), uid: "aa".repeat(16), did: "dd".repeat(16) };
  return { ...EMPTY, ...ids, sentAtMs: 1000 + seq, depositedAtMs: 2000 + seq, text: `n° ${seq}`, ...fields };
}

function kept(seq: number): { envelopeId: string; envHash: string; epoch: number } {
  return { envelopeId: `e${seq}`, envHash: seq.toString(16).padStart(64, "0"), epoch: 1 };
}

async function filled(count: number): Promise<{ platform: ReturnType<typeof testPlatform>; store: Store }> {
  const platform = testPlatform();
  const store = await openStore(platform);
  await store.transaction(() => {
    store.conversations.add(CID, 5);
    for (let seq = 1; seq <= count; seq += 1) store.messages.add(message(seq), kept(seq));
    store.messages.extendLog(CID);
  });
  return { platform, store };
}

describe("a transaction", () => {
  test("shows nothing to others before it is on disk", async () => {
    const store = await openStore(testPlatform());
    const under = store.transaction(() => {
      store.conversations.add(CID, 1);
      expect(store.conversations.find(CID)).not.toBeNull(); // the block sees its own writes
    });
    expect(store.conversations.find(CID)).toBeNull();
    await under;
    expect(store.conversations.find(CID)?.activeAtMs).toBe(1);
  });

  test("leaves everything as it was if its block throws", async () => {
    const { store } = await filled(3);
    const failing = store.transaction(() => {
      store.messages.add(message(4), kept(4));
      store.messages.makeWay(CID, 1);
      throw new RangeError("a defect");
    });
    await expect(failing).rejects.toThrow("a defect");
    expect(store.messages.list(CID, null, 10).map((one) => one.seq)).toEqual([1, 2, 3]);
    expect(store.messages.lastLog(CID)?.seq).toBe(3);
    await store.transaction(() => store.messages.add(message(4), kept(4)));
    expect(store.messages.list(CID, null, 10).map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });

  test("leaves everything as it was if the disk is full", async () => {
    const { platform, store } = await filled(2);
    const { IDBObjectStore } = await import("fake-indexeddb");
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    try {
      const failing = store.transaction(() => store.messages.add(message(3), kept(3)));
      await expect(failing).rejects.toMatchObject({ code: "storage_full" });
    } finally {
      IDBObjectStore.prototype.put = put;
    }
    expect(store.messages.has(CID, 3)).toBe(false);
    store.close();
    expect((await openStore(platform)).messages.has(CID, 3)).toBe(false);
  });

  test("goes on where the browser has taken the database away, and not once it was closed", async () => {
    const platform = testPlatform();
    const handles: IDBDatabase[] = [];
    const open = platform.indexedDB.open.bind(platform.indexedDB);
    platform.indexedDB.open = (name, version) => {
      const opening = open(name, version);
      opening.addEventListener("success", () => handles.push(opening.result));
      return opening;
    };
    const store = await openStore(platform);
    handles.at(-1)?.close();
    await store.transaction(() => store.conversations.add(CID, 1));
    expect(store.conversations.find(CID)).not.toBeNull();
    store.close();
    const late = store.transaction(() => store.conversations.touch(CID, 9));
    await expect(late).rejects.toMatchObject({ code: "store_failed" });
  });

  test("is required for a write, synchronous, and one at a time", async () => {
    const store = await openStore(testPlatform());
    expect(() => store.conversations.add(CID, 1)).toThrow(TypeError);
    await expect(store.transaction(async () => undefined)).rejects.toThrow("synchronous");
    const both = [1, 2].map(() => store.transaction(() => store.conversations.add(CID, 1)));
    expect(await Promise.all(both)).toEqual([true, false]);
  });
});

describe("what is stored", () => {
  test("is there again, and opens only in its place and under its key", async () => {
    const { platform, store } = await filled(3);
    await store.transaction(() => store.conversations.setName(CID, "Plaie du talon"));
    store.close();
    const again = await openStore(platform);
    expect(again.conversations.get(CID).name).toBe("Plaie du talon");
    expect(again.messages.list(CID, null, 2).map((one) => one.text)).toEqual(["n° 2", "n° 3"]);
    again.close();
    await expect(Store.open(platform, "essai", new Uint8Array(32))).rejects.toMatchObject({ code: "wrong_store_key" });

    // A message moved to another place of the same store does not open there.
    const opening = platform.indexedDB.open("essai");
    const raw = await new Promise<IDBDatabase>((resolve) => (opening.onsuccess = () => resolve(opening.result)));
    const rows = raw.transaction("message", "readwrite").objectStore("message");
    await new Promise<void>((resolve) => {
      rows.getAllKeys().onsuccess = (event) => {
        const keys = (event.target as IDBRequest<IDBValidKey[]>).result;
        rows.get(keys[0] as IDBValidKey).onsuccess = (found) => {
          rows.put({ ...(found.target as IDBRequest).result, seq: 3 }, keys[2]).onsuccess = () => resolve();
        };
      };
    });
    raw.close();
    const moved = await openStore(platform);
    expect(() => moved.messages.find(CID, 3)).toThrow("store_damaged");
  });

  test("holds no content in clear", async () => {
    const { platform, store } = await filled(1);
    await linkStore(store, ALICE);
    await store.transaction(() => {
      const draft = { text: "brouillon secret", reply: null, mentions: [], urgent: false };
      store.drafts.put(CID, draft);
      const outgoing = { tsMs: 1, type: "text", attachments: [], ackByMs: null, nextUids: [] };
      store.outbox.add("ee".repeat(16), CID, { ...outgoing, ...draft, text: "à envoyer" });
    });
    store.close();
    const seen = await everything(platform);
    for (const secret of ["n° 1", "brouillon", "envoyer", "MODELE"]) expect(seen).not.toContain(secret);
    expect(seen).toContain(CID); // it does look
  });

  test("of a wiped store is gone, and nothing is brought back", async () => {
    const { platform, store } = await filled(3);
    const underWay = store.transaction(() => store.messages.add(message(4), kept(4)));
    const refused = expect(underWay).rejects.toMatchObject({ code: "store_wiped" });
    await Promise.resolve();
    await store.wipe();
    await refused;
    expect(store.messages.list(CID, null, 10)).toEqual([]);
    await expect(store.transaction(() => store.conversations.add(CID, 1))).rejects.toMatchObject({
      code: "store_wiped",
    });
    store.close();
    expect((await openStore(platform)).conversations.list()).toEqual([]);
  });
});

/** Every byte of the database, as text. */
async function everything(platform: ReturnType<typeof testPlatform>): Promise<string> {
  const opening = platform.indexedDB.open("essai");
  const raw = await new Promise<IDBDatabase>((resolve) => (opening.onsuccess = () => resolve(opening.result)));
  const texts: string[] = [];
  for (const name of Array.from(raw.objectStoreNames)) {
    const request = raw.transaction(name).objectStore(name).getAll();
    const rows = await new Promise<unknown[]>((resolve) => (request.onsuccess = () => resolve(request.result)));
    const show = (value: unknown): unknown => (value instanceof Uint8Array ? new TextDecoder().decode(value) : value);
    texts.push(JSON.stringify(rows, (_, value: unknown) => show(value)));
  }
  raw.close();
  return texts.join("");
}

describe("messages", () => {
  test("come folded: edits, reactions, deletions, what they answer", async () => {
    const { store } = await filled(2);
    const target = message(1).mid;
    await store.transaction(() => {
      const about = { ...kept(3), about: 1, shown: false };
      store.messages.add(message(3, { type: "edit", text: "corrigé", reply: target }), about);
      store.messages.add(message(4, { type: "reaction", text: "👍", reply: target }), {
        ...kept(4),
        about: 1,
        shown: false,
      });
      const forged = message(5, { type: "edit", text: "d'un autre", reply: target, uid: "bb".repeat(16) });
      store.messages.add(forged, { ...kept(5), about: 1, shown: false });
      store.messages.add(message(6, { text: "réponse", reply: target }), kept(6));
    });
    const [first, , answer] = store.messages.list(CID, null, 10);
    expect(first).toMatchObject({ text: "corrigé", versions: [{ text: "n° 1" }], reactions: [{ emoji: "👍" }] });
    expect(answer?.quote).toMatchObject({ seq: 1, text: "corrigé", isDeleted: false });

    await store.transaction(() => store.messages.erase(store.messages.find(CID, 1) as LogMessage, 9000));
    expect(store.messages.list(CID, null, 10)[0]).toMatchObject({
      text: "",
      isDeleted: true,
      deletedAtMs: 9000,
      versions: [],
    });
    expect(store.messages.find(CID, 3)).toBeNull(); // the edit goes with it, its place and its hash stay
    expect(store.messages.envHashAt(CID, 3)).not.toBeNull();
  });

  test("are a replay under the same name or the same envelope at another place", async () => {
    const { store } = await filled(2);
    const { did } = message(1);
    const isReplay = (seq: number, mid: string, id: string): boolean =>
      store.messages.isReplay(CID, seq, did as string, mid, id);
    expect(isReplay(3, message(1).mid as string, "new")).toBe(true);
    expect(isReplay(3, "ff".repeat(16), "e2")).toBe(true);
    expect(isReplay(1, message(1).mid as string, "e1")).toBe(false);
  });

  test("tell gaps, what is unread, and the log up to the first place that is missing", async () => {
    const { store } = await filled(2);
    await store.transaction(() => {
      for (const seq of [4, 5, 8]) store.messages.add(message(seq, { isMine: seq === 5 }), kept(seq));
      store.messages.extendLog(CID);
    });
    expect(store.messages.gaps(CID, 0, 9)).toEqual([
      [3, 3],
      [6, 7],
      [9, 9],
    ]);
    expect(store.messages.lastContiguous(CID, 0)).toBe(2);
    expect(store.messages.lastLog(CID)?.seq).toBe(2);
    expect(store.messages.countUnread(CID, 1)).toBe(3);
    await store.transaction(() => {
      store.messages.add(message(3), kept(3));
      store.messages.extendLog(CID);
    });
    expect(store.messages.lastLog(CID)?.seq).toBe(5);
  });

  test("past their time lose their content and keep their place", async () => {
    const { store } = await filled(3);
    const due = store.messages.expiring(CID, 2002);
    expect(due).toEqual([1, 2]);
    await store.transaction(() => store.messages.expire(CID, due));
    expect(store.messages.list(CID, null, 10).map((one) => one.seq)).toEqual([3]);
    expect(store.messages.has(CID, 1)).toBe(true);
    expect(store.messages.oldestMs(CID)).toBe(2003);
  });
});

test("positions only move forward, until the server is found to go back", async () => {
  const { store } = await filled(0);
  await store.transaction(() => {
    expect(store.conversations.advance(CID, { lastSeq: 9, readSeq: 4 })).toBe(true);
    expect(store.conversations.advance(CID, { lastSeq: 3, readSeq: 2 })).toBe(false);
  });
  expect(store.conversations.get(CID)).toMatchObject({ lastSeq: 9, readSeq: 4 });
  await store.transaction(() => store.conversations.rewind(CID, 3));
  expect(store.conversations.get(CID)).toMatchObject({ lastSeq: 3, readSeq: 3 });
});

test("an epoch keeps its commit without boxes, and takes a secret that comes later", async () => {
  const { platform, store } = await filled(0);
  const { commit, es } = nextCommit(null, [ALICE]);
  const cid = hex(commit.core.cid);
  await store.transaction(() => store.conversations.addEpoch(commit, null));
  await store.transaction(() => store.conversations.addEpoch(commit, es));
  store.close();
  const again = await openStore(platform);
  const epoch = again.conversations.findEpochOf(cid, hex(commit.hash));
  expect(epoch?.es).toEqual(es);
  expect(epoch?.commit.boxes.map((box) => box.sealed.length)).toEqual([32]);
  expect(again.conversations.wasMember(cid, ALICE.id)).toBe(true);
});

test("a database of the first version is opened, and gains what came since", async () => {
  const platform = testPlatform();
  const since = ["restoration", "unreconciled", "ownCommit", "takenOut", "lostMessage", "lostEvidence"];
  const opening = platform.indexedDB.open("essai", 1);
  opening.onupgradeneeded = () => {
    for (const name of STORES) if (!since.includes(name)) opening.result.createObjectStore(name);
  };
  (await request(opening)).close();
  const store = await openStore(platform);
  await store.transaction(() => store.restorations.noteOut(CID, ["bb".repeat(16)]));
  store.close();
  expect((await openStore(platform)).restorations.listOut(CID)).toEqual(["bb".repeat(16)]);
});

test("what a restored server lost is kept apart with its proof, until it is back or its time is over", async () => {
  const { platform, store } = await filled(4);
  await store.transaction(() => store.evidence.keep(CID, 3, new Uint8Array([7]), null));
  const proof = await store.evidence.find(CID, 3);
  await store.transaction(() => {
    expect(store.lost.cut(CID, 2, 1, new Map(proof === null ? [] : [[3, proof]]))).toBe(2);
  });
  expect([store.messages.has(CID, 3), await store.evidence.find(CID, 3)]).toEqual([false, null]);
  store.close();
  const again = await openStore(platform);
  expect(again.lost.list(CID).map(({ message }) => message.text)).toEqual(["n° 3", "n° 4"]);
  expect([again.lost.count(1), again.lost.count(2)]).toEqual([2, 0]);
  // Another message takes the place, and has a proof of its own.
  await again.transaction(() => again.messages.add(message(3, { text: "autre" }), kept(9)));
  expect(again.lost.list(CID)[0]?.message.text).toBe("n° 3");
  await again.transaction(() => again.lost.expire(CID, 2003));
  expect(again.lost.list(CID).map(({ message: { text } }) => text)).toEqual(["n° 4"]);
});

test("what is sent again goes first, and an envelope sealed before is not sent any more", async () => {
  const { store } = await filled(0);
  const draft = { tsMs: 1, type: "text", text: "", reply: null, attachments: [], urgent: false, mentions: [] };
  const whole = { ...draft, ackByMs: null, nextUids: [] };
  const [first, second, third] = ["1", "2", "3"].map((digit) => digit.repeat(32)) as [string, string, string];
  await store.transaction(() => {
    store.outbox.add(third, CID, { ...whole, text: "attend" });
    store.outbox.keepEnvelope(third, new Uint8Array([1, 2, 3]));
    store.outbox.fail(third, "receipt_forged");
    store.outbox.addFirst(CID, [
      [first, { ...whole, text: "un" }],
      [second, { ...whole, text: "deux" }],
    ]);
    store.outbox.addFirst(CID, [[first, { ...whole, text: "encore" }]]);
    store.outbox.sealAnew(CID);
  });
  expect(store.outbox.list(CID).map(({ draft: { text } }) => text)).toEqual(["un", "deux", "attend"]);
  expect([store.outbox.lastEnvelope(third), store.outbox.find(third)?.failed]).toEqual([null, ""]);
});
