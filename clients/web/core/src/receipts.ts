/**
 * Receipts: proof that the server took an envelope at a place in its log, and that a device opened it.  protocol §3
 *
 * Deposit: the server signs once for each batch it commits, over the root of a Merkle tree; the path from an envelope
 * to that root travels in its ack.  A browser only verifies those.  Two receipts of one conversation that do not lie
 * on the same log are proof against the server.
 */

import { concat, equal, uint64 } from "./bytes.js";
import { type Chain, signerEver } from "./chains.js";
import { hashEnvelope } from "./envelopes.js";
import { BadReceipt, ReceiptForged } from "./errors.js";
import { type OpCert, requireCover } from "./opcert.js";
import { boolean, bytes, Form, integer, list, pack, struct } from "./packing.js";
import { hash, type SigningKey, VERSION, verify } from "./primitives.js";
import { hash32, id16, millis, ordinal, signature } from "./shapes.js";

const MAX_RECEIPT_BYTES = 4096;
/** Levels of a batch's tree: more envelopes than any transaction holds. */
const MAX_PATH = 24;

/** One envelope of a batch. */
export interface Leaf {
  readonly cid: Uint8Array;
  readonly seq: number;
  readonly envHash: Uint8Array;
  /** The conversation's log after this envelope. */
  readonly log: Uint8Array;
  readonly serverTs: number;
}

/** One level up the tree: the hash beside ours, and whether it stands to the left. */
export interface Step {
  readonly left: boolean;
  readonly hash: Uint8Array;
}

/** Proof of deposit. */
export interface DepositReceipt {
  readonly v: number;
  readonly leaf: Leaf;
  readonly path: readonly Step[];
  /** Of RC, over the root. */
  readonly sig: Uint8Array;
}

const LEAF = struct<Leaf>({ cid: hash32, seq: ordinal, envHash: hash32, log: hash32, serverTs: millis });
const DEPOSIT = new Form(
  struct<DepositReceipt>({
    v: integer(),
    leaf: LEAF,
    path: list(struct<Step>({ left: boolean, hash: hash32 }), 0, MAX_PATH),
    sig: signature,
  }),
  BadReceipt,
  MAX_RECEIPT_BYTES,
  VERSION,
);

/** log_0: H("log", cid). */
export function logStart(cid: Uint8Array): Uint8Array {
  return hash("log", cid);
}

/** log_seq: H("log", log_{seq−1} ‖ H(env) ‖ seq, 8 bytes big-endian). */
export function logNext(log: Uint8Array, envHash: Uint8Array, seq: number): Uint8Array {
  return hash("log", concat(log, envHash, uint64(seq)));
}

/** The deposit receipt in `data`, signature unchecked.  Throws BadReceipt, UnsupportedVersion. */
export function parseReceipt(data: Uint8Array): DepositReceipt {
  return DEPOSIT.parse(data);
}

/** True if it is this envelope that was deposited. */
export function coversEnvelope(receipt: DepositReceipt, env: Uint8Array): boolean {
  return equal(receipt.leaf.envHash, hashEnvelope(env));
}

/**
 * Check that the key of `cert` (from `opcert.verifyOpcert`) signed this receipt.
 *
 * The caller compares the leaf with what it sent (`coversEnvelope`).  Throws OpCertRefused, ReceiptForged.
 */
export function verifyReceipt(receipt: DepositReceipt, cert: OpCert): void {
  requireCover(cert, "receipt", receipt.leaf.serverTs);
  let node = hash("leaf", pack(LEAF, receipt.leaf));
  for (const step of receipt.path) {
    node = hash("node", step.left ? concat(step.hash, node) : concat(node, step.hash));
  }
  if (!verify(cert.public, "deposit", node, receipt.sig)) throw new ReceiptForged({ seq: receipt.leaf.seq });
}

interface ReadCore {
  readonly v: number;
  readonly cid: Uint8Array;
  readonly seq: number;
  readonly log: Uint8Array;
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
  readonly ts: number;
}

interface ReadOuter {
  readonly core: Uint8Array;
  readonly sig: Uint8Array;
}

const READ_CORE = new Form(
  struct<ReadCore>({ v: integer(), cid: hash32, seq: ordinal, log: hash32, uid: id16, did: id16, ts: millis }),
  BadReceipt,
  MAX_RECEIPT_BYTES,
  VERSION,
);
const READ_OUTER = new Form(
  struct<ReadOuter>({ core: bytes(0, MAX_RECEIPT_BYTES), sig: signature }),
  BadReceipt,
  MAX_RECEIPT_BYTES,
);

/** Proof that a person opened everything up to `seq`; cumulative, only the latest is kept. */
export interface ReadReceipt {
  readonly cid: Uint8Array;
  readonly seq: number;
  /** The log as the reader computed it at `seq`: it says which envelopes were read, not only how many. */
  readonly log: Uint8Array;
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
  readonly tsMs: number;
  /** The receipt as sent. */
  readonly raw: Uint8Array;
}

/** A read receipt, signed by the reading device.  Throws BadReceipt if a field is out of bounds. */
export function composeReadReceipt(read: Omit<ReadReceipt, "raw">, ik: SigningKey): ReadReceipt {
  const { cid, seq, log, uid, did, tsMs } = read;
  const core = READ_CORE.compose({ v: VERSION, cid, seq, log, uid, did, ts: tsMs });
  return { ...read, raw: READ_OUTER.compose({ core, sig: ik.sign("read", core) }) };
}

/** The read receipt in `data`, signature unchecked.  Throws BadReceipt, UnsupportedVersion. */
export function parseReadReceipt(data: Uint8Array): ReadReceipt {
  const { cid, seq, log, uid, did, ts } = READ_CORE.parse(READ_OUTER.parse(data).core);
  return { cid, seq, log, uid, did, tsMs: ts, raw: data };
}

/**
 * The read receipt in `data`, checked against the reader's verified chain.  Throws ReceiptForged, and as
 * `parseReadReceipt`.
 *
 * A device that has been revoked since still proves what it opened before.
 */
export function verifyReadReceipt(data: Uint8Array, chain: Chain): ReadReceipt {
  const receipt = parseReadReceipt(data);
  const { core, sig } = READ_OUTER.parse(data);
  const device = signerEver(chain, receipt.did);
  if (!equal(receipt.uid, chain.uid) || device === null || !verify(device.ik, "read", core, sig)) {
    throw new ReceiptForged({ seq: receipt.seq });
  }
  return receipt;
}
