/** What is refused of envelopes, attachments, receipts and statements.  protocol §3 */

import { ProtocolError } from "./base.js";

/** A message does not hold. */
export class EnvelopeError extends ProtocolError {
  static override readonly code: string = "envelope";
}

/** Not an envelope. */
export class BadEnvelope extends EnvelopeError {
  static override readonly code = "bad_envelope";
}

/** Over 64 KiB once sealed. */
export class EnvelopeTooLarge extends EnvelopeError {
  static override readonly code = "envelope_too_large";
}

/** Sealed under another conversation or epoch than the one at hand. */
export class WrongCommit extends EnvelopeError {
  static override readonly code = "wrong_commit";
}

/** The device is in none of the members' chains. */
export class UnknownSender extends EnvelopeError {
  static override readonly code = "unknown_sender";
}

/** A known device, of somebody who was not a member at that commit. */
export class SenderNotMember extends EnvelopeError {
  static override readonly code = "sender_not_member";
}

/** The envelope is not bound to the key that its epoch gives. */
export class WrongCommitKey extends EnvelopeError {
  static override readonly code = "wrong_commit_key";
}

/** The content does not decrypt, or its padding is wrong. */
export class EnvelopeUnreadable extends EnvelopeError {
  static override readonly code = "envelope_unreadable";
}

/** The content decrypts, but the sender's signature is wrong. */
export class EnvelopeForged extends EnvelopeError {
  static override readonly code = "envelope_forged";
}

/** Signed content of a shape this version does not know, or that contradicts its header. */
export class BadBody extends EnvelopeError {
  static override readonly code = "bad_body";
}

/** An attachment does not hold. */
export class BlobError extends ProtocolError {
  static override readonly code: string = "blob";
}

/** Over 16 MiB once encrypted. */
export class BlobTooLarge extends BlobError {
  static override readonly code = "blob_too_large";
}

/** Changed, cut short or encrypted with another key; `reason` says what was seen. */
export class BlobDamaged extends BlobError {
  static override readonly code = "blob_damaged";
}

/** A range outside the file. */
export class BlobRangeUnknown extends BlobError {
  static override readonly code = "blob_range_unknown";
}

/** A receipt proves nothing. */
export class ReceiptError extends ProtocolError {
  static override readonly code: string = "receipt";
}

/** Not a receipt. */
export class BadReceipt extends ReceiptError {
  static override readonly code = "bad_receipt";
}

/** The signature is wrong, or its signer does not count. */
export class ReceiptForged extends ReceiptError {
  static override readonly code = "receipt_forged";
}

/** A deletion or an acknowledgement that nobody entitled has signed. */
export class StatementError extends ProtocolError {
  static override readonly code: string = "statement";
}

/** Not a tombstone. */
export class BadTombstone extends StatementError {
  static override readonly code = "bad_tombstone";
}

/** Not signed by a device of the message's author. */
export class TombstoneForged extends StatementError {
  static override readonly code = "tombstone_forged";
}

/** Not an acknowledgement. */
export class BadAcknowledgement extends StatementError {
  static override readonly code = "bad_acknowledgement";
}

/** Not signed by a device of the person it names. */
export class AcknowledgementForged extends StatementError {
  static override readonly code = "acknowledgement_forged";
}
