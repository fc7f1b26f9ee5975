/** What is refused of the vault, the recovery key, pairing, safety numbers and codes typed by hand.  protocol §3, §5 */

import { ProtocolError } from "./base.js";

/** A secret in the vault that the user key does not open; other devices may still have it. */
export class VaultEntryUnreadable extends ProtocolError {
  static override readonly code = "vault_entry_unreadable";
}

/** Not a code of 26 characters; `position` (from 1, separators not counted) says where it goes wrong. */
export class BadCode extends ProtocolError {
  static override readonly code: string = "bad_code";
}

/** Typed as a recovery code. */
export class BadRecoveryCode extends BadCode {
  static override readonly code = "bad_recovery_code";
}

/** Typed or scanned as the code that another device shows. */
export class BadPairingCode extends BadCode {
  static override readonly code = "bad_pairing_code";
}

/** The recovery key does not come out. */
export class RecoveryError extends ProtocolError {
  static override readonly code: string = "recovery";
}

/** Not eight words of one list; `position` (from 1) says which word is wrong, missing or too many. */
export class BadRecoveryPassphrase extends RecoveryError {
  static override readonly code = "bad_recovery_passphrase";
}

/** Well formed, but it does not open this account's recovery key. */
export class WrongRecoverySecret extends RecoveryError {
  static override readonly code = "wrong_recovery_secret";
}

/** The recovery key is wrapped in another way than the one tried. */
export class WrongRecoveryMethod extends RecoveryError {
  static override readonly code = "wrong_recovery_method";
}

/** Not a wrapped recovery key, or too many of them; `reason` says which. */
export class BadWrap extends RecoveryError {
  static override readonly code = "bad_wrap";
}

/** Opening it would take more time or memory than any program of MiSS asks for: it is not tried. */
export class WrapTooCostly extends RecoveryError {
  static override readonly code = "wrap_too_costly";
}

/** Two devices do not come together. */
export class PairingError extends ProtocolError {
  static override readonly code: string = "pairing";
}

/** Opened with the code's key, but not an offer or an answer. */
export class BadPairing extends PairingError {
  static override readonly code = "bad_pairing";
}

/** A scanned text that is no invitation to pair. */
export class BadPairingUri extends PairingError {
  static override readonly code = "bad_pairing_uri";
}

/** Sealed under another code, for another place, or altered. */
export class PairingUnreadable extends PairingError {
  static override readonly code = "pairing_unreadable";
}

/** The answer is for another device, or its user key is not the person's. */
export class PairingMismatch extends PairingError {
  static override readonly code = "pairing_mismatch";
}

/** Two persons cannot confirm that they see each other's true devices. */
export class SafetyError extends ProtocolError {
  static override readonly code: string = "safety";
}

/** Not a safety code. */
export class BadSafetyCard extends SafetyError {
  static override readonly code = "bad_safety_card";
}

/** The two sides do not see the same persons or the same devices; `reason`: "persons" or "devices". */
export class SafetyMismatch extends SafetyError {
  static override readonly code = "safety_mismatch";
}
