/**
 * Links that follow a chain: one more device, one less, a new user key, a recovery, a fresh start.  protocol §3
 *
 * Each function fills in what follows from the chain and adds the signature of the device that is at hand.  What is
 * still missing is added where that key lives: `links.cosign` on the entering device, the countersignature by the
 * operator.  A new user key is sealed to every device of the chain with `sealUserKeyFor`.
 */

import { equal } from "./bytes.js";
import type { Chain } from "./chains.js";
import { WrongUserKey } from "./errors.js";
import { type DeviceKeys, sealUserKey, type UserKey } from "./keys.js";
import { cosign, type DevicePublic, type Link, type Op, type Proof, vouch, type Who, wrapCore } from "./links.js";
import { type RandomBytes, VERSION } from "./primitives.js";

interface Change {
  readonly proof: Proof;
  readonly tsMs: number;
}

interface Vouched extends Change {
  /** The active device (for `recover`: the recovery key) that vouches, and its keys. */
  readonly by: Uint8Array;
  readonly byKeys: DeviceKeys;
}

/**
 * `device` enters, let in by the active device `by`; `device` cosigns, then the operator.
 *
 * With `proof.method` "paper" it is the recovery key that enters.
 */
export function composeAdd(chain: Chain, add: Vouched & { readonly device: DevicePublic }): Link {
  return vouch(following(chain, "add", add.device.did, add), add.by, add.byKeys);
}

/** `device` enters, let in by the recovery key `by`; `device` cosigns, then the operator. */
export function composeRecover(chain: Chain, recover: Vouched & { readonly device: DevicePublic }): Link {
  return vouch(following(chain, "recover", recover.device.did, recover), recover.by, recover.byKeys);
}

/** `did` leaves and `userKey`, which it never sees, takes over; the operator countersigns. */
export function composeRevoke(
  chain: Chain,
  revoke: Vouched & { readonly did: Uint8Array; readonly userKey: UserKey },
): Link {
  return vouch(following(chain, "revoke", revoke.did, revoke), revoke.by, revoke.byKeys);
}

/** `userKey` takes over; the operator countersigns. */
export function composeUek(chain: Chain, uek: Vouched & { readonly userKey: UserKey }): Link {
  return vouch(following(chain, "uek", uek.by, uek), uek.by, uek.byKeys);
}

/** Every device leaves and `did` starts over with a new user key; nobody but the operator vouches for it. */
export function composeReset(
  chain: Chain,
  reset: Change & {
    readonly did: Uint8Array;
    readonly keys: DeviceKeys;
    readonly userKey: UserKey;
    readonly who: Who;
  },
): Link {
  const device: DevicePublic = { did: reset.did, ik: reset.keys.ikPublic, ek: reset.keys.ekPublic };
  return cosign(following(chain, "reset", reset.did, { ...reset, device }), reset.keys);
}

/**
 * The user key in force after `chain`, sealed to each active device, the recovery key included, by ascending did.
 *
 * For a rotation `chain` is the state after its link (`chains.applyLink`).  Draws 64 random bytes a device.  Throws
 * WrongUserKey if the chain states another key.
 */
export function sealUserKeyFor(
  chain: Chain,
  userKey: UserKey,
  randomBytes: RandomBytes,
): readonly (readonly [did: Uint8Array, sealed: Uint8Array])[] {
  if (userKey.generation !== chain.uekGen || !equal(userKey.public, chain.uekPk)) {
    throw new WrongUserKey({ wanted: chain.uekGen, given: userKey.generation });
  }
  const devices = [...chain.devices].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, device]) => device);
  return devices.map(({ did, ek }) => [did, sealUserKey(userKey, chain.uid, did, ek, randomBytes)]);
}

function following(
  chain: Chain,
  op: Op,
  did: Uint8Array,
  change: Change & { readonly device?: DevicePublic; readonly userKey?: UserKey; readonly who?: Who },
): Link {
  return wrapCore({
    v: VERSION,
    uid: chain.uid,
    seq: chain.seq + 1,
    prev: chain.head,
    op,
    did,
    ik: change.device?.ik ?? null,
    ek: change.device?.ek ?? null,
    uekGen: change.userKey?.generation ?? chain.uekGen,
    uekPk: change.userKey?.public ?? chain.uekPk,
    who: change.who ?? null,
    proof: change.proof,
    ts: change.tsMs,
  });
}
