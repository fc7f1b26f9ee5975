/**
 * Every frame of the wire, told apart by its kind; `codec` makes bytes of them and reads them.  protocol §7
 *
 * Identifiers and hashes are hexadecimal, as everywhere in the engine; what somebody signed stays bytes.
 */

import type { Cid, Did, Mid, Uid } from "./ids.js";

export const SUBPROTOCOL = "miss.1";
export const MAX_ENVELOPE_BYTES = 64 * 1024;
export const MAX_PAGE_ITEMS = 1000;
/** The largest frame a server may send. */
export const MAX_FRAME_BYTES = 1024 * 1024 + MAX_ENVELOPE_BYTES;

export const AlarmState = { WAITING: 1, ACKNOWLEDGED: 2, ESCALATED: 3, EXHAUSTED: 4 } as const;
export type AlarmState = (typeof AlarmState)[keyof typeof AlarmState];

export interface Head {
  readonly cid: Cid;
  readonly lastSeq: number;
  readonly readSeq: number;
  readonly epoch: number;
}
/** What is left of an envelope; `tombstone` null: it outlived the conversation's retention. */
export interface Gone {
  readonly envHash: string;
  readonly tombstone: Uint8Array | null;
}
/** One place of the log; `env` empty if it is gone. */
export interface Item {
  readonly seq: number;
  readonly env: Uint8Array;
  readonly ts: number;
  readonly gone: Gone | null;
}

// From the server
export interface Hello {
  readonly kind: "hello";
  readonly nonce: Uint8Array;
  readonly sendBurst: number;
  readonly sendPerS: number;
  readonly serverTs: number;
}
export interface Ready {
  readonly kind: "ready";
  readonly resumed: boolean;
  readonly serverTs: number;
  readonly linkHead: string;
  readonly httpToken: string;
  /** How often the server's store was restored to an older point, and the hash of the last statement about it. */
  readonly storeEpoch: number;
  readonly storeHead: string;
}
export interface Heads {
  readonly kind: "heads";
  readonly items: readonly Head[];
}
export interface Ack {
  readonly kind: "ack";
  readonly ref: number;
  readonly mid: Mid;
  readonly seq: number;
  readonly ts: number;
  readonly receipt: Uint8Array;
  readonly dup: boolean;
}
export interface Msg {
  readonly kind: "msg";
  readonly cid: Cid;
  readonly seq: number;
  readonly env: Uint8Array;
  readonly ts: number;
}
export interface Page {
  readonly kind: "page";
  readonly ref: number;
  readonly cid: Cid;
  readonly items: readonly Item[];
  readonly more: boolean;
}
export interface EpochChanged {
  readonly kind: "epoch";
  readonly cid: Cid;
  readonly epoch: number;
  readonly commit: Uint8Array;
  readonly box: Uint8Array | null;
  readonly history: Uint8Array | null;
}
export interface LinkAdded {
  readonly kind: "link";
  readonly uid: Uid;
  readonly link: Uint8Array;
}
export interface Lag {
  readonly kind: "lag";
}
export interface Err {
  readonly kind: "err";
  readonly ref: number | null;
  readonly code: string;
  readonly retryAfterS: number | null;
  readonly fatal: boolean;
  readonly epoch: number | null;
  readonly seq: number | null;
  readonly envHash: string | null;
}
export interface AlarmChanged {
  readonly kind: "alarm";
  readonly cid: Cid;
  readonly seq: number;
  readonly state: AlarmState;
  readonly uid: Uid | null;
  readonly ack: Uint8Array | null;
}

// Both ways; `uid` is set by the server, and null in what a client says
export interface Recv {
  readonly kind: "recv";
  readonly cid: Cid;
  readonly seq: number;
  readonly uid: Uid | null;
}
export interface Read {
  readonly kind: "read";
  readonly cid: Cid;
  readonly seq: number;
  readonly receipt: Uint8Array;
  readonly uid: Uid | null;
}
export interface Typing {
  readonly kind: "typing";
  readonly cid: Cid;
  readonly on: boolean;
  readonly uid: Uid | null;
}
export interface Presence {
  readonly kind: "presence";
  /** 0 away, 1 present, 2 do not disturb, 3 on duty. */
  readonly state: number;
  readonly uid: Uid | null;
}
export interface Del {
  readonly kind: "del";
  readonly cid: Cid;
  readonly seq: number;
  readonly tombstone: Uint8Array;
  readonly uid: Uid | null;
}
export interface Beat {
  readonly kind: "ping" | "pong";
  readonly t: number;
}

// From the client
export interface Auth {
  readonly kind: "auth";
  readonly did: Did;
  readonly ts: number;
  readonly sig: Uint8Array;
  readonly resume: number | null;
}
export interface Send {
  readonly kind: "send";
  readonly ref: number;
  readonly mid: Mid;
  readonly cid: Cid;
  readonly env: Uint8Array;
}
export interface Pull {
  readonly kind: "pull";
  readonly ref: number;
  readonly cid: Cid;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly limit: number;
}

export type Report = Recv | Read | Typing | Presence | Del;
export type ClientFrame = Auth | Send | Pull | Report | Beat;
export type ServerFrame =
  | (Hello | Ready | Heads | Ack | Msg | Page | EpochChanged | LinkAdded | Lag | Err | AlarmChanged)
  | (Recv | Read | Typing | Presence | Del | Beat);
/** A frame of a later version, or one that only clients send. */
export interface Unknown {
  readonly kind: "unknown";
  readonly number: number;
  readonly critical: boolean;
}
