/** What a restore of the server left behind, as the application is told.  protocol §5, Restoration */

import type { Message, Ms } from "../api.js";

/** A restore of the server, as its operator's root key has signed it. */
export interface Restored {
  /** From 1. */
  readonly number: number;
  readonly restoredToMs: Ms;
  readonly declaredAtMs: Ms;
  /** Messages that only devices hold now, as far as this one knows; those on their way again are not counted. */
  readonly lost: number;
}

/** A message that the server lost in a restore, and that this device still holds; `message.seq`: its place then. */
export interface LostMessage {
  readonly message: Message;
  /** The restore that lost it, from 1. */
  readonly restoration: number;
  /** It is this device's own, and in the outbox again. */
  readonly resent: boolean;
}
