/** What is refused of keys, certificates and links.  protocol §2, §3 */

import { ProtocolError } from "./base.js";

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

/** The server's word that it was restored to an older point does not hold. */
export class RestorationError extends ProtocolError {
  static override readonly code: string = "restoration";
}

/** Not a statement of a restore. */
export class BadRestoration extends RestorationError {
  static override readonly code = "bad_restoration";
}

/** Not signed by the pinned root. */
export class RestorationForged extends RestorationError {
  static override readonly code = "restoration_forged";
}

/** Does not follow the statement before it: another number, another hash, or reversed dates. */
export class RestorationOutOfOrder extends RestorationError {
  static override readonly code = "restoration_out_of_order";
}
