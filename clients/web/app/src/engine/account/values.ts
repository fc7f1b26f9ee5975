/** What a person's own devices, recovery key and wake-ups look like outside of the engine: a part of `engine/api.ts`. */

import type { Cid, Did, Ms, Uid } from "../ids.js";

export interface OwnDevice {
  readonly did: Did;
  readonly name: string;
  readonly linkedAtMs: Ms;
  readonly revokedAtMs: Ms | null;
  readonly lastSeenMs: Ms | null;
  readonly isPaper: boolean;
  readonly isCurrent: boolean;
}
/** What opens the recovery key and can be written on paper: a code, or eight words. */
export type TypedMethod = "code" | "passphrase";
/** A passkey, and the salt that its PRF is asked with. */
export interface Passkey {
  readonly credentialId: Uint8Array;
  readonly prfSalt: Uint8Array;
}
/** What a passkey's PRF gave for its salt, 32 bytes. */
export interface PasskeyAnswer {
  readonly credentialId: Uint8Array;
  readonly prf: Uint8Array;
}
/** Asks the browser for one of these passkeys. */
export type AskPasskey = (passkeys: readonly Passkey[]) => Promise<PasskeyAnswer>;
/** What opens the recovery key: typed, or given by a passkey. */
export type RecoverySecret = string | PasskeyAnswer;
export interface RecoveryState {
  readonly hasKey: boolean;
  /** When it was last shown to work; null: never, do not rely on it. */
  readonly testedAtMs: Ms | null;
  readonly methods: readonly (TypedMethod | "passkey")[];
  readonly passkeys: readonly Passkey[];
}
export interface Incident {
  readonly code: string;
  readonly cid: Cid | null;
  readonly uid: Uid | null;
  readonly firstAtMs: Ms;
  readonly lastAtMs: Ms;
}

/** `key` null: the server wakes nobody. */
export interface PushState {
  readonly key: Uint8Array | null;
  readonly isRegistered: boolean;
}
/** What the browser's own PushSubscription holds, and the server's key it was made with. */
export interface PushSubscriptionKeys {
  readonly endpoint: string;
  readonly p256dh: Uint8Array;
  readonly auth: Uint8Array;
  readonly key: Uint8Array;
  /** Conversations that are not to wake this device. */
  readonly muted: readonly Cid[];
}
/** What the push service made of a wake-up: miss/chat/push/model.py. */
export type PushOutcome = "accepted" | "gone" | "busy" | "refused" | "unreachable";
