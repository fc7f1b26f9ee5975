/**
 * Envelopes: a message as the server sees it, and the body only members see.  protocol §3
 *
 *     env  = [hdr, kc, ct]            hdr packed, as a byte string
 *     MK   = K(ES, "msg", H("hdr", hdr))
 *     kc   = K(MK, "commitkey")       binds the envelope to one key: it cannot open to two contents
 *     ct   = nonce ‖ XChaCha20-Poly1305(K(MK, "aead"), pad256([body, sig]), ad = hdr)
 *     sig  = Ed25519("msg", H("hdr", hdr) ‖ body), by the device named in hdr
 *
 * Duplicates and order are told apart by the log (`seq`), not here; the envelope's random `id` lets a reader
 * recognise a replay.
 */

import { type Attachment, attachmentShape } from "./attachments.js";
import { concat, equal, hex } from "./bytes.js";
import { type Device, signerSince } from "./chains.js";
import { type Commit, memberOf } from "./commits.js";
import {
  BadBody,
  BadEnvelope,
  EnvelopeForged,
  EnvelopeTooLarge,
  EnvelopeUnreadable,
  SenderNotMember,
  UnknownSender,
  UnsupportedSuite,
  WrongCommit,
  WrongCommitKey,
} from "./errors.js";
import { MAX_BLOBS, MAX_ENVELOPE_BYTES, MAX_MENTIONS } from "./limits.js";
import type { Chains } from "./membership.js";
import { boolean, bytes, Form, integer, list, nullable, struct, text } from "./packing.js";
import {
  derive,
  hash,
  NONCE_BYTES,
  open,
  PAD_BYTES,
  pad256,
  type RandomBytes,
  same,
  seal,
  type SigningKey,
  SUITE,
  TAG_BYTES,
  unpad256,
  VERSION,
  verify,
} from "./primitives.js";
import { hash32, id16, millis, number, ordinal, signature } from "./shapes.js";

/**
 * `type` of a body: what each uses of the other fields is in protocol §3.  A client shows a type it does not know as
 * « contenu non pris en charge ».
 */
export const BodyType = {
  TEXT: "text",
  NAME: "name",
  REACTION: "reaction",
  EDIT: "edit",
  DELETE: "delete",
  LEAVE: "leave",
  ACK: "ack",
  NOTICE: "notice",
} as const;

/** One emoji, as UTF-8. */
export const MAX_REACTION_BYTES = 32;
const ID_BYTES = 16;
/** What header, signature, tag and padding add to a body at the least. */
const MIN_OVERHEAD_BYTES = 256;

/** A critical result: somebody has to acknowledge it by then, or the next in the list is told.  protocol §7 */
export interface Alarm {
  readonly ackBy: number;
  readonly nextUids: readonly Uint8Array[];
}

/** The part of an envelope that the server reads. */
export interface Header {
  readonly v: number;
  readonly suite: number;
  readonly cid: Uint8Array;
  /** Hash of the commit whose epoch the envelope is sealed under. */
  readonly commit: Uint8Array;
  /** The sending device. */
  readonly did: Uint8Array;
  /** Random: what makes the key of each envelope its own. */
  readonly id: Uint8Array;
  /** The device's own count of what it sent in this epoch; advisory. */
  readonly n: number;
  /** Attachments that become readable to the members of this epoch. */
  readonly blobs: readonly Uint8Array[];
  readonly alarm: Alarm | null;
}

/** How far the sender had read: what makes a log that the server shows differently to others visible. */
export interface Seen {
  readonly seq: number;
  readonly log: Uint8Array;
}

/** What members read. */
export interface Body {
  readonly mid: Uint8Array;
  readonly ts: number;
  readonly type: string;
  readonly text: string;
  /** The message this one answers. */
  readonly reply: Uint8Array | null;
  readonly att: readonly Attachment[];
  readonly seen: Seen | null;
  readonly urgent: boolean;
  /** The members it is addressed to by name. */
  readonly mentions: readonly Uint8Array[];
}

interface Envelope {
  readonly hdr: Uint8Array;
  readonly kc: Uint8Array;
  readonly ct: Uint8Array;
}

interface Content {
  readonly body: Uint8Array;
  readonly sig: Uint8Array;
}

const packed = bytes(0, MAX_ENVELOPE_BYTES);

const ENVELOPE = new Form(
  struct<Envelope>({
    hdr: packed,
    kc: hash32,
    ct: bytes(NONCE_BYTES + PAD_BYTES + TAG_BYTES, MAX_ENVELOPE_BYTES),
  }),
  BadEnvelope,
  MAX_ENVELOPE_BYTES,
);
const HEADER = new Form(
  struct<Header>({
    v: integer(),
    suite: number,
    cid: hash32,
    commit: hash32,
    did: id16,
    id: bytes(ID_BYTES),
    n: number,
    blobs: list(id16, 0, MAX_BLOBS),
    alarm: nullable(struct<Alarm>({ ackBy: millis, nextUids: list(id16, 0, 16) })),
  }),
  BadEnvelope,
  MAX_ENVELOPE_BYTES,
  VERSION,
);
const CONTENT = new Form(struct<Content>({ body: packed, sig: signature }), BadBody, MAX_ENVELOPE_BYTES);
const BODY = new Form(
  struct<Body>({
    mid: id16,
    ts: millis,
    type: text(1, 32, /^[a-z][a-z0-9_-]{0,31}$/),
    text: text(0, MAX_ENVELOPE_BYTES),
    reply: nullable(id16),
    att: list(attachmentShape, 0, MAX_BLOBS),
    seen: nullable(struct<Seen>({ seq: ordinal, log: hash32 })),
    urgent: boolean,
    mentions: list(id16, 0, MAX_MENTIONS),
  }),
  BadBody,
  MAX_ENVELOPE_BYTES,
);

/** A message whose sender and content hold. */
export interface Opened {
  /** The member who wrote it. */
  readonly uid: Uint8Array;
  readonly header: Header;
  readonly body: Body;
}

/** What is to be sealed, and under which epoch. */
export interface Draft {
  readonly es: Uint8Array;
  readonly commit: Commit;
  readonly did: Uint8Array;
  readonly ik: SigningKey;
  readonly body: Body;
  readonly randomBytes: RandomBytes;
  readonly n: number;
  readonly alarm: Alarm | null;
}

/** H(env): what receipts and the conversation's log refer to. */
export function hashEnvelope(env: Uint8Array): Uint8Array {
  return hash("env", env);
}

/**
 * The envelope of `body`, sealed under the epoch of `commit`, whose secret is `es`.
 *
 * Draws 40 random bytes.  Sealing the same body again (same `mid`) under another epoch is how a client answers
 * `stale_epoch`.  Throws EnvelopeTooLarge, BadBody, BadEnvelope.
 */
export function sealEnvelope({ es, commit, did, ik, body, randomBytes, n, alarm }: Draft): Uint8Array {
  requireSize(BODY.pack(body).length + MIN_OVERHEAD_BYTES);
  const hdr = HEADER.compose({
    v: VERSION,
    suite: SUITE,
    cid: commit.core.cid,
    commit: commit.hash,
    did,
    id: randomBytes(ID_BYTES),
    n,
    blobs: body.att.map((attachment) => attachment.blob),
    alarm,
  });
  const bodyBytes = BODY.compose(body);
  const sig = ik.sign("msg", concat(hash("hdr", hdr), bodyBytes));
  const mk = messageKey(es, hdr);
  const plaintext = pad256(CONTENT.compose({ body: bodyBytes, sig }));
  const ct = seal(derive(mk, "aead"), plaintext, hdr, randomBytes);
  const envelope = { hdr, kc: derive(mk, "commitkey"), ct };
  requireSize(ENVELOPE.pack(envelope).length);
  return ENVELOPE.compose(envelope);
}

function requireSize(sizeBytes: number): void {
  if (sizeBytes > MAX_ENVELOPE_BYTES) {
    throw new EnvelopeTooLarge({ size_bytes: sizeBytes, max_bytes: MAX_ENVELOPE_BYTES });
  }
}

/** MK: the key of one envelope, from the epoch's secret and the packed header. */
function messageKey(es: Uint8Array, hdr: Uint8Array): Uint8Array {
  return derive(es, "msg", hash("hdr", hdr));
}

/**
 * What can be read of an envelope without a key: within 64 KiB, well formed, of a known version and suite.
 *
 * A client looks up the commit it names.  Throws BadEnvelope, UnsupportedVersion, UnsupportedSuite.
 */
export function parseHeader(env: Uint8Array): Header {
  return parse(env).header;
}

function parse(env: Uint8Array): { readonly envelope: Envelope; readonly header: Header } {
  const envelope = ENVELOPE.parse(env);
  const header = HEADER.parse(envelope.hdr);
  if (header.suite !== SUITE) throw new UnsupportedSuite({ suite: header.suite });
  if ((envelope.ct.length - NONCE_BYTES - TAG_BYTES) % PAD_BYTES !== 0) throw new BadEnvelope({ reason: "not_padded" });
  return { envelope, header };
}

/**
 * The verified content of an envelope.
 *
 * `commit`: the verified commit named in its header, `es` its epoch's secret, `chains` the verified chains of its
 * members. Throws BadEnvelope, UnsupportedVersion, UnsupportedSuite, WrongCommit, UnknownSender, SenderNotMember,
 * UnknownLinkHead (a chain at hand is too old), WrongCommitKey, EnvelopeUnreadable, EnvelopeForged, BadBody.
 */
export function openEnvelope(env: Uint8Array, es: Uint8Array, commit: Commit, chains: Chains): Opened {
  const { envelope, header } = parse(env);
  const { epoch } = commit.core;
  if (!equal(header.cid, commit.core.cid) || !equal(header.commit, commit.hash)) throw new WrongCommit({ epoch });
  const { uid, device } = sender(header.did, commit, chains);
  const mk = messageKey(es, envelope.hdr);
  if (!same(derive(mk, "commitkey"), envelope.kc)) throw new WrongCommitKey({ epoch });
  const padded = open(derive(mk, "aead"), envelope.ct, envelope.hdr);
  const plaintext = padded === null ? null : unpad256(padded);
  if (plaintext === null) throw new EnvelopeUnreadable({ epoch });
  const content = CONTENT.parse(plaintext);
  if (!verify(device.ik, "msg", concat(hash("hdr", envelope.hdr), content.body), content.sig)) {
    throw new EnvelopeForged({ did: hex(header.did) });
  }
  const body = BODY.parse(content.body);
  const named = concat(...header.blobs);
  if (!equal(named, concat(...body.att.map(({ blob }) => blob)))) throw new BadBody({ reason: "blobs" });
  return { uid, header, body };
}

/** The member whose device sent it: active at the commit, or linked since (protocol §4). */
function sender(
  did: Uint8Array,
  commit: Commit,
  chains: Chains,
): { readonly uid: Uint8Array; readonly device: Device } {
  for (const member of commit.core.members) {
    const chain = chains.get(hex(member.uid));
    const device = chain === undefined ? null : signerSince(chain, member.linkHead, did);
    if (device !== null) return { uid: member.uid, device };
  }
  const strangers = [...chains.values()].filter((chain) => memberOf(commit, chain.uid) === null);
  if (strangers.some((chain) => chain.devices.has(hex(did)))) throw new SenderNotMember({ did: hex(did) });
  throw new UnknownSender({ did: hex(did) });
}
