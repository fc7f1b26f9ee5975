/**
 * With another device: the code it shows, typed or scanned here.  protocol §5
 *
 *     code ──> offer       who asks to be let in, sealed under the code: the server sees neither
 *     answer ──> link      the owner said yes there; chain, root and user key come with it, all verified
 *     link ──> server      countersigned by the operator, then the device counts
 *
 * Every step is stored before it is taken, so that the same call again goes on where it was broken off.
 */

import { ProtocolError } from "@miss/core/errors.js";
import { DeviceKeys } from "@miss/core/keys.js";
import { packLink, parseLink } from "@miss/core/links.js";
import { acceptAnswer, composeOffer, pairingKeys, parseAnswer, parsePairingCode } from "@miss/core/pairing.js";
import { parsePairingUri } from "@miss/core/pairing-uri.js";

import { EngineError, hasCode } from "../errors.js";
import { Fields } from "../fields.js";
import { hex, type Uid } from "../ids.js";
import * as identityApi from "../identityApi.js";
import { decode, encode } from "../msgpack.js";
import type { DeviceRecord } from "../store/device.js";
import { accept, type EnrolmentParts, findPending, keep, OUTDATED, userKeyBox } from "./pending.js";

const GONE = "pairing_unknown";
const TAKEN = "pairing_taken";

/** What an unfinished pairing goes on with. */
interface Pending {
  readonly serverUrl: string;
  readonly code: string;
  readonly did: Uint8Array;
  readonly keys: Uint8Array;
  readonly offer: Uint8Array;
}

/**
 * The 26 characters of a code that was typed, or scanned as `miss:pair?…`.  Throws BadPairingCode, BadPairingUri.
 *
 * The server's address in a scanned text is left aside: this client speaks to the one it came from, and on another one
 * the slot of this code does not exist.
 */
export function readPairingCode(uriOrCode: string): string {
  const text = uriOrCode.trim();
  return parsePairingCode(/^miss:/i.test(text) ? parsePairingUri(text).code : text);
}

/**
 * Link a new device by the code that another one of the same person shows; the account it now speaks for.
 *
 * `deviceName`: at most 80 characters, shown to the owner on the other device.  Lasts until the owner has accepted
 * there, or `signal` ends it (`stopped`); the same call again goes on, after a crash too.  Throws `store_has_device`,
 * BadPairingCode, BadPairingUri, `pairing_expired`, `pairing_already_used`, `pairing_refused`, `pairing_outdated`,
 * ServerRefused, ServerUnreachable.
 */
export async function pairDevice(
  parts: EnrolmentParts,
  uriOrCode: string,
  deviceName: string,
  signal?: AbortSignal,
): Promise<Uid> {
  const { serverUrl, store } = parts;
  const code = readPairingCode(uriOrCode);
  const record = await findPending(store, serverUrl, "add");
  let pending = findPairing(store.device.pendingPairing());
  if (record !== null && pending !== null) {
    // Let in already, as far as the other device is concerned: only the server's answer is missing.
    if (await sendLink(parts, record, pending.code, deviceName, pending.code === code)) return record.uid;
    pending = null;
  }
  if (pending === null || pending.serverUrl !== serverUrl || pending.code !== code) {
    pending = await makeOffer(parts, code, deviceName);
  }
  const made = await waitForAnswer(parts, pending, signal);
  await sendLink(parts, made, pending.code, deviceName, true);
  return made.uid;
}

/** New keys, and the offer that names them, stored. */
async function makeOffer({ platform, serverUrl, store }: EnrolmentParts, code: string, name: string): Promise<Pending> {
  const keys = DeviceKeys.generate(platform.randomBytes);
  const did = platform.randomBytes(16);
  const device = { did, ik: keys.ikPublic, ek: keys.ekPublic, name };
  const offer = composeOffer(pairingKeys(code), device, platform.randomBytes);
  const pending: Pending = { serverUrl, code, did, keys: keys.toSecret(), offer };
  await store.transaction(() => store.device.keepPairing(encode([serverUrl, code, did, pending.keys, offer])));
  return pending;
}

function findPairing(value: Uint8Array | null): Pending | null {
  if (value === null) return null;
  const from = new Fields(decode(value));
  return { serverUrl: from.text(), code: from.text(), did: from.bytes(), keys: from.bytes(), offer: from.bytes() };
}

/** Lay the offer down and wait for the answer; the device it makes, stored as not linked yet. */
async function waitForAnswer(parts: EnrolmentParts, pending: Pending, signal?: AbortSignal): Promise<DeviceRecord> {
  const { slot } = pairingKeys(pending.code);
  await named(parts, identityApi.putOffer(parts.http, slot, pending.offer));
  let answer: Uint8Array | null = null;
  while (answer === null) {
    if (signal?.aborted === true) throw new EngineError("stopped");
    answer = await named(parts, identityApi.waitForAnswer(parts.http, slot, signal));
  }
  try {
    return await keepAnswer(parts, pending, answer);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    await parts.store.transaction(() => parts.store.device.forgetPairing());
    throw new EngineError("pairing_refused", { reason: error.code }, { cause: error });
  }
}

/** Verify the answer and store what it brings.  Throws a ProtocolError for whatever does not hold. */
function keepAnswer({ platform, store }: EnrolmentParts, pending: Pending, sealed: Uint8Array): Promise<DeviceRecord> {
  const keys = DeviceKeys.fromSecret(pending.keys);
  const { did } = pending;
  const answer = parseAnswer(pairingKeys(pending.code), pending.offer, sealed);
  // This device's own clock may be wrong; the other one has just dated its link by the server's.
  const nowMs = Math.max(platform.nowMs(), parseLink(answer.link).core.ts);
  const { chain, link, userKey } = acceptAnswer(answer, { did, ik: keys.ikPublic, ek: keys.ekPublic }, keys, nowMs);
  const record = {
    uid: hex(chain.uid),
    did: hex(did),
    keys,
    serverUrl: pending.serverUrl,
    root: answer.root,
    link: packLink(link),
    isLinked: false,
  };
  return keep(store, { record, userKey, opcerts: answer.opcerts, links: answer.links });
}

/** Send the link and count.  False: it came to nothing, and another code was given (`isLastWord` unset). */
async function sendLink(
  parts: EnrolmentParts,
  record: DeviceRecord,
  code: string,
  deviceName: string,
  isLastWord: boolean,
): Promise<boolean> {
  const { http, store } = parts;
  const { slot } = pairingKeys(code);
  try {
    const link = await identityApi.linkPaired(http, slot, record.link, userKeyBox(parts, record), deviceName);
    await accept(store, record, link);
    return true;
  } catch (error) {
    if (!hasCode(error, GONE, ...OUTDATED)) throw error;
    await store.transaction(() => {
      store.device.forgetUnlinked();
      store.device.forgetPairing();
    });
    if (isLastWord) throw new EngineError(hasCode(error, GONE) ? "pairing_expired" : "pairing_outdated");
    return false;
  }
}

/** A question about the slot, its refusals under their own names; whoever asks again starts over. */
async function named<T>({ store }: EnrolmentParts, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!hasCode(error, GONE, TAKEN)) throw error;
    await store.transaction(() => store.device.forgetPairing());
    throw new EngineError(hasCode(error, GONE) ? "pairing_expired" : "pairing_already_used");
  }
}
