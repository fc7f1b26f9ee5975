/**
 * What the rest of the application may ask of the engine, and what it is told: the contract between `engine/` and
 * everything above it.
 *
 * Names and meanings are those of `miss.client` (miss/client/README.md) in camel case. Two differences, both because
 * a second tab may speak to the engine of the first one through a channel: every call returns a promise, and every
 * value is plain data that `structuredClone` carries. Identifiers are lower-case hexadecimal strings, instants are
 * milliseconds since 1970, absent is null.
 *
 * Durable before a call resolves, stored before it is announced: whoever misses an event finds its subject with
 * `messages` or `conversations`. Refusals are `EngineError`s with a code; the sentences for people are in `texts/`.
 */

import type { AskPasskey, Incident, OwnDevice, Passkey, PasskeyAnswer, PushOutcome, PushState, PushSubscriptionKeys, RecoverySecret, RecoveryState, TypedMethod } from "./account/values.js";
import type { EngineEvent } from "./events.js";
import type { LostMessage, Restored } from "./restoring/values.js";

export type * from "./account/values.js";
export type { EngineEvent } from "./events.js";
export type * from "./restoring/values.js";

export type Uid = string;
export type Did = string;
export type Cid = string;
export type Mid = string;
export type Ms = number;

// People

/** An identity as the operator certified it. */
export interface Who {
  readonly rpps: string;
  readonly family: string;
  readonly given: string;
  readonly profession: string;
}

/** A line of the directory: as the server lists it. `uid` null: known, but without MiSS. */
export interface DirectoryEntry {
  readonly uid: Uid | null;
  readonly rpps: string;
  readonly family: string;
  readonly given: string;
  readonly profession: string;
  readonly specialty: string;
  readonly town: string;
  readonly successor: { uid: Uid | null; family: string; given: string; untilMs: Ms } | null;
  /** The last day of a declared absence, YYYY-MM-DD; empty: they are here. */
  readonly awayUntil: string;
}

/** The gravest last; see `miss/client/people/model.py`. */
export type WarningKind = "key_changed" | "new_device" | "reset" | "split_view";
export interface ContactWarning {
  readonly uid: Uid;
  readonly kind: WarningKind;
  readonly atMs: Ms;
}
export type Comparison = "match" | "behind" | "mismatch";

// Conversations

export type Role = "member" | "admin";
export interface Member {
  readonly uid: Uid;
  readonly role: Role;
  readonly who: Who;
}
export interface Policy {
  /** Seconds after which a message expires; 0: the server's own retention. */
  readonly ttlS: number;
  /** What somebody who joins may read of the time before. */
  readonly history: "nothing" | "everything";
  /** FINESS number of the establishment that owns the care team; "": nobody but its members. */
  readonly owner: string;
}
export interface Conversation {
  readonly cid: Cid;
  readonly name: string;
  readonly members: readonly Member[];
  readonly policy: Policy;
  readonly epoch: number;
  readonly lastSeq: number;
  readonly readSeq: number;
  readonly unread: number;
  readonly isMember: boolean;
  readonly isLeaving: boolean;
  /** The last message that is shown, for the list; null in a new conversation. */
  readonly last: Message | null;
  readonly draft: SavedDraft | null;
  /** What waits in the outbox, and how much of that failed. */
  readonly waiting: number;
  readonly failed: number;
  /** What the server has lost in a restore and only devices hold now, as far as this one knows: see `lostMessages`. */
  readonly lost: number;
  /** This person's own marks; they live on this device. */
  readonly pinned: boolean;
  readonly muted: boolean;
  readonly activeAtMs: Ms;
}

// Messages

export interface Attachment {
  /** "image/jpeg" or "application/pdf". */
  readonly mediaType: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly width: number | null;
  readonly height: number | null;
}
export interface Reaction {
  readonly emoji: string;
  readonly uids: readonly Uid[];
}
export interface Quote {
  readonly seq: number;
  readonly uid: Uid | null;
  readonly text: string;
  readonly hasAttachments: boolean;
  readonly isDeleted: boolean;
}
export interface Alarm {
  readonly ackByMs: Ms;
  readonly nextUids: readonly Uid[];
  readonly state: "waiting" | "acknowledged" | "escalated" | "exhausted";
  readonly asked: Uid | null;
  readonly acknowledgedBy: Uid | null;
  readonly acknowledgedAtMs: Ms | null;
}
export interface Message {
  readonly cid: Cid;
  readonly seq: number;
  readonly mid: Mid | null;
  readonly uid: Uid | null;
  readonly did: Did | null;
  readonly isMine: boolean;
  readonly sentAtMs: Ms;
  readonly depositedAtMs: Ms;
  /** "text", "name", "leave", "notice"; another: made by a later version. */
  readonly type: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** The code of why it did not hold; "": it held. */
  readonly refused: string;
  readonly isDeleted: boolean;
  readonly deletedAtMs: Ms | null;
  readonly urgent: boolean;
  readonly mentions: readonly Uid[];
  readonly editedAtMs: Ms | null;
  readonly versions: readonly { text: string; writtenAtMs: Ms }[];
  readonly reactions: readonly Reaction[];
  readonly quote: Quote | null;
  readonly alarm: Alarm | null;
}
/** Written and not yet in the log. `failed`: the code of why it will not leave by itself, with what fills its sentence. */
export interface Outgoing {
  readonly mid: Mid;
  readonly cid: Cid;
  readonly text: string;
  readonly type: string;
  readonly attempts: number;
  readonly failed: string;
  readonly failedParams: Readonly<Record<string, string | number>>;
  readonly attachments: readonly Attachment[];
  readonly urgent: boolean;
  readonly writtenAtMs: Ms;
}
export interface SavedDraft {
  readonly text: string;
  readonly reply: Mid | null;
  readonly mentions: readonly Uid[];
  readonly urgent: boolean;
}
/** True for a draft that says nothing: it is not kept. */
export function isBlank({ text, reply, mentions, urgent }: SavedDraft): boolean {
  return text === "" && reply === null && mentions.length === 0 && !urgent;
}
export interface SendOptions {
  readonly reply?: Mid | null;
  readonly urgent?: boolean;
  readonly mentions?: readonly Uid[];
  /** Of `sendFile`, for an image: a JPEG of at most 16 KiB, and the size of the whole; `photo/` makes them. */
  readonly thumbnail?: Uint8Array;
  readonly width?: number;
  readonly height?: number;
}
/** One place that a search found: `excerpt` with the range of what matched, in UTF-16 units. */
export interface Found {
  readonly cid: Cid;
  readonly seq: number;
  readonly excerpt: string;
  readonly ranges: readonly (readonly [number, number])[];
  readonly depositedAtMs: Ms;
}

export type ConnectionState = "connecting" | "open" | "waiting" | "refused";
export type Presence = "away" | "present" | "do_not_disturb" | "on_duty";

/** A device at work. */
export interface Engine {
  /** Who this device belongs to. */
  owner(): Promise<{ uid: Uid; did: Did; who: Who }>;
  /** Receive every event from now on; the answer stops it. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  connectionState(): Promise<ConnectionState>;
  /** The page woke up, or the network came back: try now, not when the pause is over. */
  hurry(): Promise<void>;

  // reading
  conversations(): Promise<readonly Conversation[]>;
  conversation(cid: Cid): Promise<Conversation>;
  /** Shown messages in the order of the log: the `limit` last ones before `before` (null: the end). */
  messages(cid: Cid, before: number | null, limit: number): Promise<readonly Message[]>;
  message(cid: Cid, seq: number): Promise<Message>;
  markRead(cid: Cid, seq: number): Promise<void>;
  deliveredTo(cid: Cid): Promise<Readonly<Record<Uid, number>>>;
  readBy(cid: Cid): Promise<Readonly<Record<Uid, number>>>;
  /** Local, accents and case apart, newest first; `cid` null: everywhere. */
  search(text: string, cid: Cid | null, limit: number): Promise<readonly Found[]>;
  incidents(): Promise<readonly Incident[]>;
  /** What a restored server has lost of a conversation and this device holds still, in the order it had. */
  lostMessages(cid: Cid): Promise<readonly LostMessage[]>;
  /** The restores of the server that its operator has signed, oldest first. */
  restorations(): Promise<readonly Restored[]>;
  openAlarms(): Promise<readonly Message[]>;

  // writing
  sendText(cid: Cid, text: string, options?: SendOptions): Promise<Mid>;
  /** `jpeg` or PDF bytes, already reduced and stripped (`photo/`). */
  sendFile(cid: Cid, content: Uint8Array, name: string, caption: string, options?: SendOptions): Promise<Mid>;
  sendAlarm(cid: Cid, text: string, ackByMs: Ms, nextUids: readonly Uid[]): Promise<Mid>;
  acknowledge(cid: Cid, seq: number): Promise<Mid>;
  edit(cid: Cid, seq: number, text: string): Promise<Mid>;
  delete(cid: Cid, seq: number): Promise<Mid>;
  react(cid: Cid, seq: number, emoji: string): Promise<Mid>;
  withdrawReaction(cid: Cid, seq: number, emoji: string): Promise<Mid>;
  saveDraft(cid: Cid, draft: SavedDraft): Promise<void>;
  outgoing(cid: Cid): Promise<readonly Outgoing[]>;
  retry(mid: Mid): Promise<void>;
  discard(mid: Mid): Promise<void>;
  /** The bytes of an attachment, verified. After `cancelFile` (`stopped`) or a cut, calling again goes on. */
  fetchFile(cid: Cid, seq: number, index: number): Promise<Uint8Array>;
  /** Stop fetching it, for whoever waits; what has come is kept. */
  cancelFile(cid: Cid, seq: number, index: number): Promise<void>;
  /** The small JPEG that came inside the message, at once and without network; null: it has none. */
  thumbnail(cid: Cid, seq: number, index: number): Promise<Uint8Array | null>;
  typing(cid: Cid, on: boolean): Promise<void>;
  setPresence(presence: Presence): Promise<void>;
  /** Whether the others are told what was read here; that something arrived, they are always told. */
  tellsReading(): Promise<boolean>;
  setTellsReading(on: boolean): Promise<void>;
  /** This device's own marks. */
  setMarks(cid: Cid, marks: { pinned?: boolean; muted?: boolean }): Promise<void>;

  // conversations and people
  directory(text: string, limit: number): Promise<readonly DirectoryEntry[]>;
  identity(uid: Uid): Promise<Who>;
  createConversation(uids: readonly Uid[], name: string, policy?: Partial<Policy>): Promise<Cid>;
  rename(cid: Cid, name: string): Promise<Mid>;
  addMember(cid: Cid, uid: Uid, role: Role): Promise<void>;
  removeMember(cid: Cid, uid: Uid): Promise<void>;
  setRole(cid: Cid, uid: Uid, role: Role): Promise<void>;
  setPolicy(cid: Cid, policy: Partial<Policy>): Promise<void>;
  leave(cid: Cid): Promise<Mid>;
  exportProof(cid: Cid, seq: number): Promise<Uint8Array>;

  // keys of others
  warnings(): Promise<readonly ContactWarning[]>;
  acceptContact(uid: Uid): Promise<void>;
  safetyWords(uid: Uid): Promise<readonly string[]>;
  safetyQr(uid: Uid): Promise<Uint8Array>;
  compareSafety(uid: Uid, scanned: Uint8Array): Promise<Comparison>;
  isVerified(uid: Uid): Promise<boolean>;
  setVerified(uid: Uid, verified: boolean): Promise<void>;

  // own devices and recovery
  devices(): Promise<readonly OwnDevice[]>;
  renameDevice(did: Did, name: string): Promise<void>;
  revokeDevice(did: Did): Promise<void>;
  /** Open a pairing: the code to type on the new device, and the text of the QR code that says it (protocol §5). */
  invite(): Promise<{ code: string; uri: string; expiresAtMs: Ms }>;
  /** Wait for the new device and the name it gives itself. */
  inviteOffer(): Promise<{ deviceName: string }>;
  /** Let it in. */
  inviteAccept(): Promise<void>;
  inviteCancel(): Promise<void>;
  recovery(): Promise<RecoveryState>;
  /** Make a key: what to write down; in force once it was typed back with `confirmRecovery`. */
  prepareRecovery(replaces: boolean, method: TypedMethod): Promise<string>;
  /** Another way to open the key there is, which `known` opens; in force likewise. */
  prepareRecoveryMethod(known: RecoverySecret, method: TypedMethod): Promise<string>;
  confirmRecovery(typed: string): Promise<void>;
  /** A passkey that opens the key there is, which `known` opens: in force at once, and tried. */
  addRecoveryPasskey(known: RecoverySecret, passkey: Passkey & PasskeyAnswer): Promise<Ms>;
  testRecovery(secret: RecoverySecret): Promise<Ms>;
  /** Minutes without anybody there after which this person's establishments have it locked; null: as one likes. */
  lockLimit(): Promise<number | null>;
  /** As the server says it now; the other is what it said last, without network too. */
  askLockLimit(): Promise<number | null>;

  // waking this device while it is closed
  /** What to subscribe with, and whether `endpoint` is what the server has of this device. */
  pushState(endpoint: string): Promise<PushState>;
  /** Throws `push_off`, `push_key_former`, `push_service_refused`, `push_keys_malformed`. */
  registerPush(subscription: PushSubscriptionKeys): Promise<void>;
  removePush(): Promise<void>;
  /** Have this device woken now.  Throws `push_off`, `push_not_registered`, `push_test_too_soon`. */
  testPush(): Promise<PushOutcome>;

  close(): Promise<void>;
}

/** A refusal with its code: of `core/errors`, of the engine, or of the server. `params` fill the sentence. */
export class EngineError extends Error {
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: string, params: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super(code, options);
    this.name = "EngineError";
    this.code = code;
    this.params = params;
  }
}

/** How a browser becomes a device: `engine/enrolment`, before there is an `Engine`. */
export interface Enrolment {
  /** By the letter: RPPS number, activation code, and the fingerprint of the operator's key printed beside it. */
  link(rpps: string, code: string, fingerprint: string, deviceName: string): Promise<Uid>;
  /**
   * By another device: what was scanned (`miss:pair?…`) or typed. Lasts until the owner has accepted there, or `signal`
   * ends it (`stopped`).
   */
  pair(uriOrCode: string, deviceName: string, signal?: AbortSignal): Promise<Uid>;
  /**
   * By the recovery key, with the ticket of the account's pages.  `secret`: as typed, or what asks one of the passkeys
   * that open it (none: `recovery_key_missing`).
   */
  recover(rpps: string, ticket: string, secret: string | AskPasskey, fingerprint: string, deviceName: string): Promise<Uid>;
  /** Start over, with a code of the operator for that. */
  reset(rpps: string, code: string, fingerprint: string, deviceName: string): Promise<Uid>;
}
