/**
 * Acknowledgements of an alarm: « pris en compte », signed by the one who answers for it.  protocol §3, §7
 *
 *     core            = [v, cid, seq, env_hash, uid, did, ts]
 *     acknowledgement = [core, Sign(ik of did, "acknowledge", core)]
 *
 * More than a read receipt: somebody pressed a button about this very message.  Whether that person is one of those the
 * alarm may be acknowledged by is the caller's to check.
 */

import type { Chain } from "./chains.js";
import { AcknowledgementForged, BadAcknowledgement } from "./errors.js";
import type { SigningKey } from "./primitives.js";
import { type Statement, StatementForm } from "./statements.js";

/** A signed acknowledgement of the alarm at `seq`. */
export type Acknowledgement = Statement;

const FORM = new StatementForm("acknowledge", BadAcknowledgement, AcknowledgementForged);

/** The acknowledgement, signed with the `ik` of its `did`.  Throws BadAcknowledgement if a field is out of bounds. */
export function composeAcknowledgement(charge: Omit<Acknowledgement, "raw">, ik: SigningKey): Acknowledgement {
  return FORM.compose(charge, ik);
}

/** The acknowledgement in `data`, signature unchecked.  Throws BadAcknowledgement, UnsupportedVersion. */
export function parseAcknowledgement(data: Uint8Array): Acknowledgement {
  return FORM.parse(data);
}

/**
 * The acknowledgement in `data`, checked against the person's verified chain.
 *
 * Throws AcknowledgementForged, BadAcknowledgement, UnsupportedVersion.
 */
export function verifyAcknowledgement(data: Uint8Array, chain: Chain): Acknowledgement {
  return FORM.verify(data, chain);
}
