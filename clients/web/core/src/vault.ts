/**
 * Vault entries: the secret of one epoch, kept on the server for a person's own devices.  protocol §5
 *
 *     sealed = nonce ‖ XChaCha20-Poly1305(K(UEK_g, "vault", cid), nonce, ES, ad)         72 bytes
 *     ad     = domain("vault-entry") ‖ uid ‖ cid ‖ epoch ‖ g
 *
 * One entry for each unexpired epoch of each conversation, all under the user key in force: whoever holds that key
 * reads all that retention has left, and a device that was revoked holds an older one.
 */

import { concat, uint64 } from "./bytes.js";
import { VaultEntryUnreadable } from "./errors.js";
import type { UserKey } from "./keys.js";
import { derive, domain, KEY_BYTES, NONCE_BYTES, open, type RandomBytes, seal, TAG_BYTES } from "./primitives.js";

export const VAULT_ENTRY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** Whose entry it is, and of which epoch of which conversation. */
export interface VaultPlace {
  readonly uid: Uint8Array;
  readonly cid: Uint8Array;
  readonly epoch: number;
}

/** `es` (32 bytes), the secret of that epoch, as the server keeps it: 72 bytes. */
export function sealVaultEntry(
  userKey: UserKey,
  place: VaultPlace,
  es: Uint8Array,
  randomBytes: RandomBytes,
): Uint8Array {
  if (es.length !== KEY_BYTES) throw new RangeError("the secret of an epoch has 32 bytes");
  return seal(entryKey(userKey, place), es, entryAd(userKey, place), randomBytes);
}

/**
 * ES (32 bytes) of that epoch; the caller checks it against its commit with `commits.requireConfirmed`.
 *
 * Throws VaultEntryUnreadable if the user key, the person, the conversation, the epoch or any byte is another.
 */
export function openVaultEntry(userKey: UserKey, place: VaultPlace, sealed: Uint8Array): Uint8Array {
  const es =
    sealed.length === VAULT_ENTRY_BYTES ? open(entryKey(userKey, place), sealed, entryAd(userKey, place)) : null;
  if (es === null) throw new VaultEntryUnreadable({ epoch: place.epoch, generation: userKey.generation });
  return es;
}

function entryKey(userKey: UserKey, { cid }: VaultPlace): Uint8Array {
  return derive(userKey.toSecret(), "vault", cid);
}

function entryAd({ generation }: UserKey, { uid, cid, epoch }: VaultPlace): Uint8Array {
  return concat(domain("vault-entry"), uid, cid, uint64(epoch), uint64(generation));
}
