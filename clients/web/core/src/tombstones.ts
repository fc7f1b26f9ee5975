/**
 * Tombstones: the author's signed wish that an envelope be deleted.  protocol §3
 *
 *     core      = [v, cid, seq, env_hash, uid, did, ts]
 *     tombstone = [core, Sign(ik of did, "tombstone", core)]
 *
 * The server blanks the envelope and keeps its hash, so the log goes on.  Whoever reads the log later sees that
 * something stood there, and by the tombstone that its author took it away, not the server.  Any device of the author
 * may sign it; that the envelope is the author's is the caller's to check.
 */

import type { Chain } from "./chains.js";
import { BadTombstone, TombstoneForged } from "./errors.js";
import type { SigningKey } from "./primitives.js";
import { type Statement, StatementForm } from "./statements.js";

/** A signed deletion. */
export type Tombstone = Statement;

const FORM = new StatementForm("tombstone", BadTombstone, TombstoneForged);

/** The tombstone, signed with the `ik` of its `did`.  Throws BadTombstone if a field is out of bounds. */
export function composeTombstone(deletion: Omit<Tombstone, "raw">, ik: SigningKey): Tombstone {
  return FORM.compose(deletion, ik);
}

/** The tombstone in `data`, signature unchecked.  Throws BadTombstone, UnsupportedVersion. */
export function parseTombstone(data: Uint8Array): Tombstone {
  return FORM.parse(data);
}

/** The tombstone in `data`, checked against the author's verified chain.  Throws TombstoneForged, and as to parse. */
export function verifyTombstone(data: Uint8Array, chain: Chain): Tombstone {
  return FORM.verify(data, chain);
}
