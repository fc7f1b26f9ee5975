import { describe, expect, test } from "vitest";

import { pauseBefore } from "./connection.js";
import { hex } from "./ids.js";
import { decode, encode, type Packed } from "./msgpack.js";
import { TokenBucket } from "./rates.js";
import { ClientSession, CloseCode } from "./session.js";

const CID = new Uint8Array(32).fill(1);
const MID = new Uint8Array(16).fill(2);
const DID = hex(new Uint8Array(16).fill(3));
const HELLO: Packed = [1, 1, new Uint8Array(32), [65536, 16777216, 1000, 60, 1], 1000];
const READY: Packed = [3, false, 1000, CID, "token"];

function opened(nowS = 0): ClientSession {
  const session = new ClientSession(nowS);
  session.receive(encode(HELLO), nowS);
  session.authenticate(DID, new Uint8Array(64), 5, null);
  session.receive(encode(READY), nowS);
  session.events();
  session.framesToSend();
  return session;
}

describe("opening", () => {
  test("is hello, auth, ready, and nothing else before", () => {
    const session = new ClientSession(0);
    session.receive(encode(HELLO), 0);
    expect(session.events()).toMatchObject([{ kind: "hello", sendBurst: 60, sendPerS: 1 }]);
    expect(() => session.pull(hex(CID), 1, 2, 10)).toThrow("not_connected");
    session.authenticate(DID, new Uint8Array(64), 5, 900);
    expect(session.framesToSend().map(decode)).toMatchObject([[2, expect.anything(), 5, expect.anything(), 900]]);
    session.receive(encode(READY), 0);
    expect(session.isOpen).toBe(true);
  });

  test("breaks off at a frame that may not come yet, or again", () => {
    const early = new ClientSession(0);
    early.receive(encode(READY), 0);
    expect(early.closeCode).toBe(CloseCode.PROTOCOL);
    const again = opened();
    again.receive(encode(READY), 0);
    expect(again.closeCode).toBe(CloseCode.PROTOCOL);
  });
});

describe("answers", () => {
  test("come back to their request; others close the connection or are forgotten", () => {
    const session = opened();
    session.sendEnvelope(hex(MID), hex(CID), new Uint8Array([1]));
    session.pull(hex(CID), 1, 5, 10);
    session.receive(encode([11, 2, CID, [], false]), 0);
    session.receive(encode([19, 1, "stale_epoch", null, false, 4]), 0);
    session.receive(encode([19, 1, "stale_epoch"]), 0); // answered already
    expect(session.events()).toMatchObject([
      { kind: "answered", request: { kind: "pull" }, answer: { kind: "page" } },
      { kind: "answered", request: { kind: "send", mid: hex(MID) }, answer: { code: "stale_epoch", epoch: 4 } },
    ]);
    session.pull(hex(CID), 1, 5, 10);
    session.receive(encode([6, 3, MID, 1, 1, new Uint8Array([1])]), 0);
    expect(session.closeCode).toBe(CloseCode.PROTOCOL);
  });

  test("that a lag took away are to be asked for again", () => {
    const session = opened();
    session.sendEnvelope(hex(MID), hex(CID), new Uint8Array([1]));
    session.receive(encode([16]), 0);
    expect(session.events()).toMatchObject([{ kind: "lagged", unanswered: [{ mid: hex(MID) }] }]);
    session.receive(encode([6, 1, MID, 1, 1, new Uint8Array([1])]), 0);
    expect(session.events()).toEqual([]);
    expect(session.closeCode).toBeNull();
  });
});

test("an unknown frame is ignored, a critical one closes", () => {
  const session = opened();
  session.receive(encode([63, "x"]), 0);
  expect(session.closeCode).toBeNull();
  session.receive(encode([64, "x"]), 0);
  expect(session.closeCode).toBe(CloseCode.PROTOCOL);
});

test("pings after 25 seconds, dies after 60 of silence; after a doubt it has ten", () => {
  const session = opened();
  session.tick(24.9);
  expect(session.framesToSend()).toEqual([]);
  session.tick(25);
  expect(session.framesToSend().map(decode)).toEqual([[17, 25_000]]);
  session.receive(encode([18, 25_000]), 26);
  session.tick(85.9);
  expect(session.closeCode).toBeNull();
  session.probe(85.9);
  expect(session.wakeAtS).toBe(86); // a probe never gives a silent server more time
  session.tick(86);
  expect(session.closeCode).toBe(CloseCode.SLOW);

  const doubted = opened();
  doubted.probe(1);
  doubted.tick(10.9);
  expect(doubted.closeCode).toBeNull();
  doubted.tick(11);
  expect(doubted.closeCode).toBe(CloseCode.SLOW);
});

test("connects again after some ends and not after others", () => {
  const session = opened();
  const again = [null, 1006, 1001, 4008, 4010, 4029].map((code) => session.reconnectsAfter(code));
  const never = [4001, 4002, 4003, 4009].map((code) => session.reconnectsAfter(code));
  expect([...again, ...never]).toEqual([...again.map(() => true), ...never.map(() => false)]);
  expect(new ClientSession(0).reconnectsAfter(4001)).toBe(true); // too slow to answer: nobody was judged
});

test("pauses grow up to a minute, with jitter", () => {
  expect(pauseBefore(1, 0)).toBe(0);
  expect(pauseBefore(1, 0.999)).toBeLessThan(1);
  expect([2, 3, 7, 50].map((attempt) => pauseBefore(attempt, 0.999).toFixed(0))).toEqual(["2", "4", "60", "60"]);
  expect(pauseBefore(50, 0)).toBe(30);
});

test("a token bucket gives its burst, then its rate", () => {
  const bucket = new TokenBucket({ burst: 2, perS: 0.5 }, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 2]);
  expect(bucket.take(2)).toBe(0);
});
