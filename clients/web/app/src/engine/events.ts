/** What the engine announces: part of the contract (`api.ts`).  What is announced is stored already. */

import type { Cid, ConnectionState, Message, Mid, Presence, Uid, WarningKind } from "./api.js";

export type EngineEvent =
  /** `reason`: the code of the server's refusal, if there was one; `params`: how long it asks to wait. */
  | { readonly kind: "connection"; readonly state: ConnectionState; readonly reason: string; readonly params: Readonly<Record<string, number>> }
  | { readonly kind: "synced" }
  | { readonly kind: "conversation"; readonly cid: Cid } // new, or anything of it that a list shows
  | { readonly kind: "message"; readonly message: Message } // new, shown or refused
  | { readonly kind: "messageChanged"; readonly message: Message; readonly by: Uid | null; readonly how: string }
  | { readonly kind: "expired"; readonly cid: Cid; readonly seqs: readonly number[] }
  | { readonly kind: "sent"; readonly cid: Cid; readonly mid: Mid; readonly seq: number }
  | { readonly kind: "sendFailed"; readonly cid: Cid; readonly mid: Mid; readonly code: string }
  | { readonly kind: "delivered"; readonly cid: Cid; readonly uid: Uid; readonly seq: number }
  | { readonly kind: "readBy"; readonly cid: Cid; readonly uid: Uid; readonly seq: number }
  | { readonly kind: "typing"; readonly cid: Cid; readonly uid: Uid; readonly on: boolean }
  | { readonly kind: "presence"; readonly uid: Uid; readonly presence: Presence }
  | { readonly kind: "alarm"; readonly message: Message; readonly how: "raised" | "acknowledged" | "escalated" | "exhausted" }
  | { readonly kind: "upload"; readonly cid: Cid; readonly mid: Mid; readonly sentBytes: number; readonly sizeBytes: number }
  /** `sizeBytes` 0: it stopped before its end. */
  | { readonly kind: "download"; readonly cid: Cid; readonly seq: number; readonly index: number; readonly receivedBytes: number; readonly sizeBytes: number }
  | { readonly kind: "contactWarned"; readonly uid: Uid; readonly warning: WarningKind }
  | { readonly kind: "devicesChanged" }
  /** A change of a conversation does not hold and is not applied, or its secret does not open here. */
  | { readonly kind: "commitRefused"; readonly cid: Cid; readonly code: string }
  | { readonly kind: "serverLied"; readonly code: string; readonly cid: Cid | null; readonly uid: Uid | null }
  | { readonly kind: "splitView"; readonly cid: Cid; readonly atSeq: number; readonly uid: Uid | null }
  /** The server was restored to an older point, as its operator has signed: see `restorations`. */
  | { readonly kind: "serverRestored"; readonly number: number }
  /**
   * A conversation goes on behind `commonSeq`, from what a restored server still has.  `lost`: messages that only this
   * device holds now, its own included; `resent`: of those, its own that are on their way again.
   */
  | { readonly kind: "reconciled"; readonly cid: Cid; readonly commonSeq: number; readonly lost: number; readonly resent: number }
  | { readonly kind: "revoked"; readonly wiped: boolean; readonly reason: string };
