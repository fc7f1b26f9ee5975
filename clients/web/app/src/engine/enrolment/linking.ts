/**
 * With the code of a letter: a person's first device, or a fresh start after everything was lost.  protocol §3
 *
 *     code ──> who am I, which root?          the root's fingerprint is compared with the letter
 *     keys ──> genesis or reset link, stored  before the server hears of them: a crash here is resumed
 *     link ──> countersigned by the operator  verified against the root, then the device counts
 */

import { verifyChain } from "@miss/core/chains.js";
import { composeReset } from "@miss/core/changes.js";
import { OpCertRefused } from "@miss/core/errors.js";
import { DeviceKeys, UserKey } from "@miss/core/keys.js";
import { composeGenesis, type Link, packLink, parseLink, type Proof } from "@miss/core/links.js";
import { covers, verifyOpcert } from "@miss/core/opcert.js";

import { EngineError } from "../errors.js";
import { hex, type Uid, unhex } from "../ids.js";
import * as identityApi from "../identityApi.js";
import type { DeviceRecord } from "../store/device.js";
import { requireRoot } from "./fingerprint.js";
import { type EnrolmentParts, findPending, finish, keep } from "./pending.js";

type LetterOp = "genesis" | "reset";
const PURPOSES = { genesis: "device", reset: "reset" } as const;

/** What the letter says, and how the owner calls this device. */
export interface Letter {
  readonly rpps: string;
  readonly code: string;
  /** Of the operator's root, as printed, spaces and case aside. */
  readonly fingerprint: string;
  readonly deviceName: string;
}

/**
 * Link a person's first device (`genesis`), or start over on this one with the operator's reset code (`reset`): every
 * other device and the recovery key leave then, what was said before is lost, and every contact is warned.
 *
 * After a crash or a lost answer, the same call again links the same device.  Throws `store_has_device`,
 * `root_mismatch`, ServerRefused (a wrong code: `wrong_activation_code`; a person with a device: `already_linked`; one
 * who never had any: `nothing_to_reset`…), ServerUnreachable, `certified_identity_mismatch`, LinkError, BadOpCert.
 */
export async function linkByLetter(parts: EnrolmentParts, op: LetterOp, letter: Letter): Promise<Uid> {
  const known = await findPending(parts.store, parts.serverUrl, op);
  const make = (): Promise<DeviceRecord> => makeDevice(parts, op, letter);
  const send = ({ link }: DeviceRecord): Promise<Uint8Array> =>
    identityApi.linkDevice(parts.http, letter.rpps, letter.code, link, letter.deviceName, PURPOSES[op]);
  return (await finish(parts.store, known, make, send)).uid;
}

/** New keys and their link, stored as not linked yet. */
async function makeDevice(parts: EnrolmentParts, op: LetterOp, letter: Letter): Promise<DeviceRecord> {
  const { http, platform, serverUrl, store, time } = parts;
  const told = await identityApi.checkActivation(http, letter.rpps, letter.code, PURPOSES[op]);
  requireRoot(told.root, letter.fingerprint);
  if (told.who.rpps !== letter.rpps) throw new EngineError("certified_identity_mismatch", { field: "rpps" });
  time.note(told.serverTs);
  requireOperator(told.opcerts, told.root, time.nowMs());
  const keys = DeviceKeys.generate(platform.randomBytes);
  const did = platform.randomBytes(16);
  const made = op === "genesis" ? begin(parts, told, did, keys) : startOver(parts, told, did, keys);
  const record = {
    uid: told.uid,
    did: hex(did),
    keys,
    serverUrl,
    root: told.root,
    link: packLink(made.link),
    isLinked: false,
  };
  return keep(store, { record, userKey: made.userKey, opcerts: told.opcerts, links: told.links });
}

/** Before the code is spent on a link whose countersignature nobody could check. */
function requireOperator(opcerts: readonly Uint8Array[], root: Uint8Array, nowMs: number): void {
  const certs = opcerts.map((raw) => verifyOpcert(raw, root));
  if (!certs.some((cert) => covers(cert, "identity", nowMs))) throw new OpCertRefused({ reason: "identity" });
}

interface Made {
  readonly link: Link;
  readonly userKey: UserKey;
}

function begin(
  { platform, time }: EnrolmentParts,
  told: identityApi.ActivationAnswer,
  did: Uint8Array,
  keys: DeviceKeys,
): Made {
  const userKey = UserKey.generate(1, platform.randomBytes);
  const tsMs = time.nowMs();
  const link = composeGenesis({ uid: unhex(told.uid), did, keys, userKey, who: told.who, proof: proof(tsMs), tsMs });
  return { link, userKey };
}

function startOver(
  { platform, time }: EnrolmentParts,
  told: identityApi.ActivationAnswer,
  did: Uint8Array,
  keys: DeviceKeys,
): Made {
  const tsMs = time.nowMs();
  const chain = verifyChain(told.links.map(parseLink), told.root, told.opcerts, tsMs);
  if (hex(chain.uid) !== told.uid) throw new EngineError("certified_identity_mismatch", { field: "uid" });
  const userKey = UserKey.generate(chain.uekGen + 1, platform.randomBytes);
  return { link: composeReset(chain, { did, keys, userKey, who: told.who, proof: proof(tsMs), tsMs }), userKey };
}

function proof(time: number): Proof {
  return { method: "activation-code", time };
}
