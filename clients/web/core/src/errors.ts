/**
 * Everything the protocol refuses, by name: the classes and codes of `miss.protocol.errors`.
 *
 * The parameters hold reasons, numbers and names of fields, never content.  The sentences a reader sees are the
 * business of the interface, which finds them by code.
 */

export type Params = Readonly<Record<string, string | number>>;

export type ErrorClass = new (params?: Params) => ProtocolError;

/** Bytes, keys or signatures that the protocol does not accept. */
export class ProtocolError extends Error {
  static readonly code: string = "protocol";
  readonly code: string;
  readonly params: Params;

  constructor(params: Params = {}) {
    super([new.target.code, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(" "));
    this.name = new.target.name;
    this.code = new.target.code;
    this.params = params;
  }
}

/** An object of a version this program does not know. */
export class UnsupportedVersion extends ProtocolError {
  static override readonly code = "unsupported_version";
}

/** An object made with cryptography this program does not know, or other than the conversation's. */
export class UnsupportedSuite extends ProtocolError {
  static override readonly code = "unsupported_suite";
}

// Keys, certificates and links: protocol §2, §3.

/** Bytes that are no key of the wanted kind. */
export class BadKey extends ProtocolError {
  static override readonly code = "bad_key";
}

/** A sealed box that this key does not open. */
export class BadSealed extends ProtocolError {
  static override readonly code = "bad_sealed";
}

/** Not an operator's certificate, or not signed by the pinned root. */
export class BadOpCert extends ProtocolError {
  static override readonly code = "bad_opcert";
}

/** A genuine certificate, used outside its purpose or its dates. */
export class OpCertRefused extends ProtocolError {
  static override readonly code = "opcert_refused";
}

/** A person's chain of devices does not hold. */
export class LinkError extends ProtocolError {
  static override readonly code: string = "link";
}

/** Not a link. */
export class BadLink extends LinkError {
  static override readonly code = "bad_link";
}

/** The link does not follow the last one: another person, number or previous hash. */
export class LinkOutOfOrder extends LinkError {
  static override readonly code = "link_out_of_order";
}

/** A signature of a device is missing, wrong or from a device that does not count. */
export class LinkForged extends LinkError {
  static override readonly code = "link_forged";
}

/** The operator's signature is missing or wrong. */
export class LinkNotCountersigned extends LinkError {
  static override readonly code = "link_not_countersigned";
}

/** Well signed, but against a rule; `rule` names it. */
export class LinkNotAllowed extends LinkError {
  static override readonly code = "link_not_allowed";
}

/** The chain at hand does not contain that head: it is older, or another one. */
export class UnknownLinkHead extends LinkError {
  static override readonly code = "unknown_link_head";
}

// Commits and their boxes: protocol §3, §4.

/** A change of a conversation's members or keys does not hold. */
export class CommitError extends ProtocolError {
  static override readonly code: string = "commit";
}

/** Not a commit, or its parts do not fit together; `reason` says which. */
export class BadCommit extends CommitError {
  static override readonly code = "bad_commit";
}

/** Does not follow the commit it is compared with. */
export class CommitOutOfOrder extends CommitError {
  static override readonly code = "commit_out_of_order";
}

/** Not signed by a device of the member it names. */
export class CommitForged extends CommitError {
  static override readonly code = "commit_forged";
}

/** Well signed, but the author may not do that; `rule` names it. */
export class CommitNotAllowed extends CommitError {
  static override readonly code = "commit_not_allowed";
}

/** Names devices or keys of a member that are older than those already seen. */
export class CommitStale extends CommitError {
  static override readonly code = "commit_stale";
}

/** The commit holds no box for that person, or only its digest. */
export class BoxMissing extends CommitError {
  static override readonly code = "box_missing";
}

/** The box is there and does not open. */
export class BoxUnreadable extends CommitError {
  static override readonly code = "box_unreadable";
}

/** The box is sealed to another generation of the user key; `wanted` says which. */
export class WrongUserKey extends CommitError {
  static override readonly code = "wrong_user_key";
}

/** The box opened, but its secret is not the one the commit confirms. */
export class WrongConfirmation extends CommitError {
  static override readonly code = "wrong_confirmation";
}

// Envelopes, attachments and receipts: protocol §3.

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
