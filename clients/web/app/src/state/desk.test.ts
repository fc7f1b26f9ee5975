import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../engine/api.js";
import { NOW, OWN, WOUND, seeds, told } from "../gallery/data.js";
import { CLAIRE, member } from "../gallery/people.js";
import { type DeskState, EMPTY_DESK, TYPING_MS, reduce, transferKey, typingIn, withConversation, withFewThreads, withThread } from "./desk.js";
import { emptyThread, withMessages } from "./thread.js";

const [wound] = seeds(5);
if (!wound) throw new Error("no seed");
const own = { uid: OWN.uid, did: "d", who: member(OWN).who };
const thread = withMessages(emptyThread(7), wound.messages);
const open: DeskState = withThread(withConversation({ ...EMPTY_DESK, own, loaded: true }, wound.conversation), WOUND, thread);
const after = (desk: DeskState, ...events: readonly EngineEvent[]): DeskState => events.reduce((now, event) => reduce(now, event, NOW).desk, desk);
const message = told(WOUND, 10, { of: CLAIRE, at: NOW, text: "nouveau" });

describe("messages", () => {
  test("a new one takes its place and its conversation's line is asked again", () => {
    const { desk, asks } = reduce(open, { kind: "message", message }, NOW);
    expect(desk.threads.get(WOUND)?.messages.at(-1)).toBe(message);
    expect(asks).toEqual([{ kind: "conversation", cid: WOUND }]);
  });

  test("of a conversation that is not open, only the line is asked", () => {
    const { desk, asks } = reduce({ ...open, threads: new Map() }, { kind: "message", message }, NOW);
    expect(desk.threads.size).toBe(0);
    expect(asks).toHaveLength(1);
  });

  test("a change asks for the open alarms too: it may have closed one", () => {
    expect(reduce(open, { kind: "messageChanged", message, by: null, how: "deleted" }, NOW).asks).toContainEqual({ kind: "alarms" });
  });

  test("what expired goes away", () => {
    const desk = after(open, { kind: "expired", cid: WOUND, seqs: [1, 2] });
    expect(desk.threads.get(WOUND)?.messages[0]?.seq).toBe(3);
  });

  test("sent and failed ask for what still waits", () => {
    for (const event of [
      { kind: "sent", cid: WOUND, mid: "m", seq: 10 },
      { kind: "sendFailed", cid: WOUND, mid: "m", code: "conflict" },
    ] as const) {
      expect(reduce(open, event, NOW).asks).toContainEqual({ kind: "outgoing", cid: WOUND });
    }
  });
});

test("receipts go forward; one's own moves the list", () => {
  const desk = after(open, { kind: "readBy", cid: WOUND, uid: CLAIRE.uid, seq: 7 }, { kind: "readBy", cid: WOUND, uid: CLAIRE.uid, seq: 2 });
  expect(desk.threads.get(WOUND)?.readBy[CLAIRE.uid]).toBe(7);
  expect(reduce(open, { kind: "readBy", cid: WOUND, uid: OWN.uid, seq: 9 }, NOW).asks).toHaveLength(1);
  expect(reduce(open, { kind: "readBy", cid: WOUND, uid: CLAIRE.uid, seq: 9 }, NOW).asks).toHaveLength(0);
});

test("typing is believed for a while, ends with the message, and is never one's own", () => {
  const typing = after(open, { kind: "typing", cid: WOUND, uid: CLAIRE.uid, on: true }, { kind: "typing", cid: WOUND, uid: OWN.uid, on: true });
  expect(typingIn(typing, WOUND, NOW)).toEqual([CLAIRE.uid]);
  expect(typingIn(typing, WOUND, NOW + TYPING_MS)).toEqual([]);
  expect(typingIn(after(typing, { kind: "message", message }), WOUND, NOW)).toEqual([]);
});

test("a transfer is there until all of it came", () => {
  const key = transferKey(WOUND, 2, 0);
  const half = after(open, { kind: "download", cid: WOUND, seq: 2, index: 0, receivedBytes: 5, sizeBytes: 10 });
  expect(half.transfers.get(key)).toEqual({ doneBytes: 5, sizeBytes: 10 });
  expect(after(half, { kind: "download", cid: WOUND, seq: 2, index: 0, receivedBytes: 10, sizeBytes: 10 }).transfers.size).toBe(0);
});

test("a lost connection is no longer in step; lies and revocation are kept", () => {
  const synced = after(open, { kind: "synced" });
  expect(synced.synced).toBe(true);
  expect(after(synced, { kind: "connection", state: "waiting", reason: "", params: {} }).synced).toBe(false);
  expect(after(open, { kind: "serverLied", code: "receipt", cid: null, uid: null }).lies).toEqual(["receipt"]);
  expect(after(open, { kind: "revoked", wiped: true, reason: "" }).revoked).toEqual({ wiped: true, reason: "" });
});

test("few threads are kept, the open one always", () => {
  let desk = open;
  for (const cid of ["a", "b", "c", "d"]) desk = withThread(desk, cid, emptyThread(0));
  const few = withFewThreads(desk, WOUND, 2);
  expect(few.threads.size).toBe(2);
  expect(few.threads.has(WOUND)).toBe(true);
});
