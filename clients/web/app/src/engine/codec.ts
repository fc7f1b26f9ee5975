/**
 * Frames to bytes and back.  protocol §7
 *
 * A frame is a MessagePack array: its kind, then its fields in order; fields are only ever appended, and those that are
 * not known are not read.  Lengths and ranges are checked while decoding, so what comes out is within bounds.
 * Signatures are not checked here.
 */

import { BadFrame } from "./errors.js";
import { Fields } from "./fields.js";
import {
  type AlarmState,
  type ClientFrame,
  type Gone,
  type Head,
  type Hello,
  type Item,
  MAX_ENVELOPE_BYTES,
  MAX_FRAME_BYTES,
  MAX_PAGE_ITEMS,
  type ServerFrame,
  type Unknown,
} from "./frames.js";
import { hex, unhex, unhexOrNull } from "./ids.js";
import { decode, encode, type Packed, Unreadable } from "./msgpack.js";

const FIRST_CRITICAL_KIND = 64;
const MAX_KIND = 127;
const MAX_STATEMENT_BYTES = 1024;
const MAX_RECEIPT_BYTES = 4096;

/** The bytes of `frame`, to be sent as one binary WebSocket message. */
export function encodeFrame(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  return encode(fieldsOf(frame));
}

function fieldsOf(frame: ClientFrame): Packed {
  switch (frame.kind) {
    case "auth":
      return [2, unhex(frame.did), frame.ts, frame.sig, frame.resume];
    case "send":
      return [5, frame.ref, unhex(frame.mid), unhex(frame.cid), frame.env];
    case "recv":
      return [8, unhex(frame.cid), frame.seq, unhexOrNull(frame.uid)];
    case "read":
      return [9, unhex(frame.cid), frame.seq, frame.receipt, unhexOrNull(frame.uid)];
    case "pull":
      return [10, frame.ref, unhex(frame.cid), frame.fromSeq, frame.toSeq, frame.limit];
    case "typing":
      return [14, unhex(frame.cid), frame.on, unhexOrNull(frame.uid)];
    case "presence":
      return [15, frame.state, unhexOrNull(frame.uid)];
    case "ping":
      return [17, frame.t];
    case "pong":
      return [18, frame.t];
    case "del":
      return [20, unhex(frame.cid), frame.seq, frame.tombstone, unhexOrNull(frame.uid)];
  }
}

/** The frame in one binary WebSocket message.  Throws BadFrame for anything that is none within its bounds. */
export function decodeFrame(data: Uint8Array): ServerFrame | Unknown {
  if (data.length > MAX_FRAME_BYTES) throw new BadFrame("too_long");
  try {
    const fields = new Fields(decode(data));
    const number = fields.integer(1, MAX_KIND);
    return READERS[number]?.(fields) ?? { kind: "unknown", number, critical: number >= FIRST_CRITICAL_KIND };
  } catch (error) {
    if (error instanceof Unreadable) throw new BadFrame("malformed");
    throw error;
  }
}

const READERS: { readonly [kind: number]: (from: Fields) => ServerFrame } = {
  1: readHello,
  3: (from) => ({
    kind: "ready",
    resumed: from.boolean(),
    serverTs: from.millis(),
    linkHead: from.id(32),
    httpToken: from.text(1, 256),
    // A server of before says nothing of it.
    storeEpoch: from.isAtEnd ? 0 : from.integer(),
    storeHead: from.isAtEnd ? "" : hex(from.bytes(0, 32)),
  }),
  4: (from) => ({ kind: "heads", items: from.list(MAX_PAGE_ITEMS, readHead) }),
  6: (from) => ({
    kind: "ack",
    ref: from.integer(0, 2 ** 32 - 1),
    mid: from.id(16),
    seq: from.ordinal(),
    ts: from.millis(),
    receipt: from.bytes(1, MAX_RECEIPT_BYTES),
    dup: from.isAtEnd ? false : from.boolean(),
  }),
  7: (from) => ({
    kind: "msg",
    cid: from.id(32),
    seq: from.ordinal(),
    env: from.bytes(1, MAX_ENVELOPE_BYTES),
    ts: from.millis(),
  }),
  8: (from) => ({ kind: "recv", cid: from.id(32), seq: from.ordinal(), uid: from.optionalId(16) }),
  9: (from) => ({
    kind: "read",
    cid: from.id(32),
    seq: from.ordinal(),
    receipt: from.bytes(1, MAX_RECEIPT_BYTES),
    uid: from.optionalId(16),
  }),
  11: (from) => ({
    kind: "page",
    ref: from.integer(0, 2 ** 32 - 1),
    cid: from.id(32),
    items: from.list(MAX_PAGE_ITEMS, readItem),
    more: from.boolean(),
  }),
  12: (from) => ({
    kind: "epoch",
    cid: from.id(32),
    epoch: from.ordinal(),
    commit: from.bytes(1, 256 * 1024),
    box: from.nullable(() => from.bytes(0, 2048)),
    history: from.optional(() => from.bytes(0, 256 * 1024)),
  }),
  13: (from) => ({ kind: "link", uid: from.id(16), link: from.bytes(1, 8 * 1024) }),
  14: (from) => ({ kind: "typing", cid: from.id(32), on: from.boolean(), uid: from.optionalId(16) }),
  15: (from) => ({ kind: "presence", state: from.integer(0, 3), uid: from.optionalId(16) }),
  16: () => ({ kind: "lag" }),
  17: (from) => ({ kind: "ping", t: from.integer() }),
  18: (from) => ({ kind: "pong", t: from.integer() }),
  19: (from) => ({
    kind: "err",
    ref: from.nullable(() => from.integer(0, 2 ** 32 - 1)),
    code: from.text(1, 48, /^[a-z0-9_]+$/),
    retryAfterS: from.optional(() => from.float(0, 86_400)),
    fatal: from.isAtEnd ? false : from.boolean(),
    epoch: from.optional(() => from.ordinal()),
    seq: from.optional(() => from.ordinal()),
    envHash: from.optionalId(32),
  }),
  20: (from) => ({
    kind: "del",
    cid: from.id(32),
    seq: from.ordinal(),
    tombstone: from.bytes(1, MAX_STATEMENT_BYTES),
    uid: from.optionalId(16),
  }),
  21: (from) => ({
    kind: "alarm",
    cid: from.id(32),
    seq: from.ordinal(),
    state: from.integer(1, 4) as AlarmState,
    uid: from.optionalId(16),
    ack: from.optional(() => from.bytes(1, MAX_STATEMENT_BYTES)),
  }),
};

function readHello(from: Fields): Hello {
  from.integer(); // ver: told apart by what it says, not by a number
  const nonce = from.bytes(32, 32);
  const limits = from.fields();
  for (let at = 0; at < 3; at += 1) limits.integer();
  return {
    kind: "hello",
    nonce,
    sendBurst: limits.integer(),
    sendPerS: limits.float(0),
    serverTs: from.millis(),
  };
}

function readHead(from: Fields): Head {
  return { cid: from.id(32), lastSeq: from.integer(), readSeq: from.integer(), epoch: from.ordinal() };
}

function readItem(from: Fields): Item {
  const item = { seq: from.ordinal(), env: from.bytes(0, MAX_ENVELOPE_BYTES), ts: from.millis() };
  return { ...item, gone: from.optional(() => readGone(from.fields())) };
}

function readGone(from: Fields): Gone {
  return { envHash: from.id(32), tombstone: from.nullable(() => from.bytes(1, MAX_STATEMENT_BYTES)) };
}

/** A head as HTTP tells it, in an answer's array. */
export function readHeadLine(value: Packed): Head {
  return readHead(new Fields(value));
}
