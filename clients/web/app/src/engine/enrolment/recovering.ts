/**
 * With the recovery key: a new device, when no other is at hand.  protocol §5
 *
 * Two things are needed: a ticket, given to whoever signs in on the account's pages, and what opens the recovery key,
 * which those pages never see.  The key opens the user key of today, hence everything that retention has left.
 */

import { verifyChain } from "@miss/core/chains.js";
import { composeRecover } from "@miss/core/changes.js";
import { DeviceKeys } from "@miss/core/keys.js";
import { cosign, packLink, parseLink } from "@miss/core/links.js";
import { recoveryDeviceKeys } from "@miss/core/recovery.js";
import { parseWraps } from "@miss/core/wraps.js";

import { findPaper } from "../account/model.js";
import { passkeysOf, requirePaper, unwrap } from "../account/recovery.js";
import { openChainKey } from "../account/userKeys.js";
import type { AskPasskey, Passkey, PasskeyAnswer } from "../api.js";
import { EngineError } from "../errors.js";
import { hex, type Uid } from "../ids.js";
import * as identityApi from "../identityApi.js";
import type { DeviceRecord } from "../store/device.js";
import { requireRoot } from "./fingerprint.js";
import { type EnrolmentParts, findPending, finish, keep, userKeyBox } from "./pending.js";

export interface RecoveryRequest {
  readonly rpps: string;
  /** From the account's pages, good for fifteen minutes. */
  readonly ticket: string;
  /** The printed code, the eight words, or what asks one of the passkeys. */
  readonly secret: string | AskPasskey;
  /** Of the operator's root, as printed with it. */
  readonly fingerprint: string;
  readonly deviceName: string;
}

/**
 * Link a new device with the recovery key; the account it now speaks for.
 *
 * After a crash or a lost answer, the same call again links the same device.  Throws `store_has_device`,
 * BadRecoveryCode, BadRecoveryPassphrase, WrongRecoverySecret, `recovery_key_missing`, `recovery_not_proven`,
 * `user_key_forged`, `root_mismatch`, `certified_identity_mismatch`, ServerRefused (`wrong_activation_code`…),
 * ServerUnreachable, LinkError, BadOpCert.
 */
export async function recoverDevice(parts: EnrolmentParts, request: RecoveryRequest): Promise<Uid> {
  const { http, store, serverUrl, time } = parts;
  const { rpps, ticket, deviceName } = request;
  const make = async (): Promise<DeviceRecord> => {
    const told = await identityApi.openRecovery(http, rpps, ticket);
    requireRoot(told.root, request.fingerprint);
    time.note(told.serverTs);
    return makeDevice(parts, told, request);
  };
  const send = (record: DeviceRecord): Promise<Uint8Array> =>
    identityApi.linkRecovered(http, rpps, ticket, record.link, userKeyBox(parts, record), deviceName);
  const known = await findPending(store, serverUrl, "recover");
  return (await finish(store, known, make, send)).uid;
}

/** New keys, their link vouched for by the recovery key, and the user key; stored as not linked yet. */
async function makeDevice(
  { platform, serverUrl, store, time }: EnrolmentParts,
  told: identityApi.RecoveryAnswer,
  { rpps, secret }: RecoveryRequest,
): Promise<DeviceRecord> {
  const nowMs = time.nowMs();
  const chain = verifyChain(told.links.map(parseLink), told.root, told.opcerts, nowMs);
  if (hex(chain.uid) !== told.uid || chain.who.rpps !== rpps) {
    throw new EngineError("certified_identity_mismatch", { field: "rpps" });
  }
  const wraps = parseWraps(told.wraps);
  const rk = unwrap(wraps, chain.uid, typeof secret === "string" ? secret : await askOne(secret, passkeysOf(wraps)));
  const paper = findPaper(chain);
  if (paper === null) throw new EngineError("recovery_key_missing");
  requirePaper(paper, rk);
  const paperKeys = recoveryDeviceKeys(rk);
  const userKey = openChainKey(told.box, chain, paper.did, paperKeys);
  const keys = DeviceKeys.generate(platform.randomBytes);
  const did = platform.randomBytes(16);
  const link = composeRecover(chain, {
    device: { did, ik: keys.ikPublic, ek: keys.ekPublic },
    by: paper.did,
    byKeys: paperKeys,
    proof: { method: "recovery-key", time: nowMs },
    tsMs: nowMs,
  });
  const record = {
    uid: told.uid,
    did: hex(did),
    keys,
    serverUrl,
    root: told.root,
    link: packLink(cosign(link, keys)),
    isLinked: false,
  };
  return keep(store, { record, userKey, opcerts: told.opcerts, links: told.links });
}

function askOne(ask: AskPasskey, passkeys: readonly Passkey[]): Promise<PasskeyAnswer> {
  if (passkeys.length === 0) throw new EngineError("recovery_key_missing", { method: "passkey" });
  return ask(passkeys);
}
