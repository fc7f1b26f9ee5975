/**
 * A device that is about to be linked: stored before the server hears of it, accepted once the operator has signed.
 *
 * Every way in ends here.  The keys, the link and the chain it continues are stored first; the same call again after a
 * crash or a lost answer then sends the very same link, which the server answers as it did the first time.
 */

import { equal } from "@miss/core/bytes.js";
import { verifyChain } from "@miss/core/chains.js";
import { sealUserKey, type UserKey } from "@miss/core/keys.js";
import { type Op, parseLink } from "@miss/core/links.js";

import { EngineError, hasCode } from "../errors.js";
import { unhex } from "../ids.js";
import type { Platform } from "../platform.js";
import type { HttpExchange } from "../http.js";
import type { ServerTime } from "../serverTime.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";

/** What every way in stands on: an open store that no device was linked in. */
export interface EnrolmentParts {
  readonly platform: Platform;
  readonly store: Store;
  readonly serverUrl: string;
  readonly http: HttpExchange;
  readonly time: ServerTime;
}

/** Refusals of a link for its age: its date, an identity that was corrected since, a chain that has grown. */
export const OUTDATED: readonly string[] = [
  "device_clock_wrong",
  "identity_mismatch",
  "stale_link",
  "link_out_of_order",
  "link_not_allowed",
];
/** Those that a link may meet the moment it is made: another device of the person was faster. */
const GROWN: readonly string[] = ["stale_link", "link_out_of_order"];
const MAX_TRIES = 5;

/**
 * The device an earlier call made in the same way, and did not see linked; one of another way is dropped.
 *
 * Throws `store_has_device`.
 */
export async function findPending(store: Store, serverUrl: string, op: Op): Promise<DeviceRecord | null> {
  const known = store.device.find();
  if (known === null) return null;
  if (known.isLinked) throw new EngineError("store_has_device");
  if (known.serverUrl === serverUrl && parseLink(known.link).core.op === op) return known;
  await store.transaction(() => store.device.forgetUnlinked());
  return null;
}

/** What is stored of a device before it is linked; `links`: the verified chain that its link continues. */
export interface Kept {
  readonly record: DeviceRecord;
  readonly userKey: UserKey;
  readonly opcerts: readonly Uint8Array[];
  readonly links: readonly Uint8Array[];
}

export async function keep(store: Store, { record, userKey, opcerts, links }: Kept): Promise<DeviceRecord> {
  await store.transaction(() => {
    store.device.keep(record, userKey);
    store.device.addOpcerts(opcerts);
    store.people.append(record.uid, 1, links);
  });
  return record;
}

/**
 * Have the link of `known`, else of a device just made, signed by the operator, and count from then on.
 *
 * A link that has aged since it was made, by an earlier call or a moment ago, is made anew.  Throws what `make` and
 * `send` throw, `certified_identity_mismatch`, LinkError, BadOpCert.
 */
export async function finish(
  store: Store,
  known: DeviceRecord | null,
  make: () => Promise<DeviceRecord>,
  send: (record: DeviceRecord) => Promise<Uint8Array>,
): Promise<DeviceRecord> {
  let record = known ?? (await make());
  let passing = known === null ? GROWN : OUTDATED;
  let countersigned: Uint8Array | null = null;
  for (let tries = 1; countersigned === null; tries += 1) {
    try {
      countersigned = await send(record);
      break;
    } catch (error) {
      if (!hasCode(error, ...passing) || tries === MAX_TRIES) throw error;
    }
    await store.transaction(() => store.device.forgetUnlinked());
    record = await make();
    passing = GROWN;
  }
  await accept(store, record, countersigned);
  return record;
}

/** Pin the owner's chain with the new link, if it is the device's own that the operator signed. */
export async function accept(store: Store, record: DeviceRecord, countersigned: Uint8Array): Promise<void> {
  const link = parseLink(countersigned);
  if (!equal(link.coreBytes, parseLink(record.link).coreBytes)) {
    throw new EngineError("certified_identity_mismatch", { field: "link" });
  }
  const before = store.people.links(record.uid).map(parseLink);
  const chain = verifyChain([...before, link], record.root, store.device.opcerts());
  await store.transaction(() => {
    store.people.append(record.uid, chain.seq, [countersigned]);
    store.device.markLinked();
    store.device.forgetPairing();
  });
}

/** The user key, sealed to the device itself: what the server keeps for it. */
export function userKeyBox({ store, platform }: EnrolmentParts, { uid, did, keys }: DeviceRecord): Uint8Array {
  return sealUserKey(store.device.lastUserKey(), unhex(uid), unhex(did), keys.ekPublic, platform.randomBytes);
}
