/** What belongs to one person or one message: codes, vault, recovery, pairing, safety, statements.  For tests only. */

import { composeAcknowledgement, verifyAcknowledgement } from "../acknowledgements.js";
import { codeSecret, composeCode, formatCode, parseCode } from "../codes.js";
import { packLink, parseLink } from "../links.js";
import {
  acceptAnswer,
  type Answer,
  composeAnswer,
  composeOffer,
  type Offer,
  pairingKeys,
  parseAnswer,
  parseOffer,
  parsePairingCode,
} from "../pairing.js";
import { composePairingUri, parsePairingUri } from "../pairing-uri.js";
import {
  composeRecoveryCode,
  composeRecoveryKey,
  parseRecoveryCode,
  recoveryDeviceKeys,
  recoveryDid,
  signRecoveryTest,
  unwrapWithCode,
  unwrapWithPasskey,
  unwrapWithPassphrase,
  verifyRecoveryTest,
  wrapWithCode,
  wrapWithPasskey,
  wrapWithPassphrase,
} from "../recovery.js";
import {
  compareSafety,
  composeSafetyCard,
  packSafetyCard,
  parseSafetyCard,
  type SafetyCard,
  safetyNumber,
  safetyWords,
} from "../safety.js";
import type { Statement } from "../statements.js";
import { composeTombstone, verifyTombstone } from "../tombstones.js";
import { openVaultEntry, sealVaultEntry, type VaultPlace } from "../vault.js";
import { composePassphrase, type Language, parsePassphrase, wordlist } from "../words.js";
import { packWrap, parseWrap, parseWraps, passkeyParams } from "../wraps.js";
import type { Json } from "./json.js";
import { chainOf, drawn, keysOf, type Operations, userKeyOf } from "./parts.js";

function languageOf(request: Json): Language {
  return request.at("language").text as Language;
}

function placeOf(request: Json): VaultPlace {
  return { uid: request.at("uid").bytes, cid: request.at("cid").bytes, epoch: request.at("epoch").number };
}

function bytesOf(list: Json): Uint8Array[] {
  return list.list.map((each) => each.bytes);
}

function statementOf(request: Json): Statement {
  return request.at("statement").record("cid", "envHash", "uid", "did", "raw");
}

function sidesOf(json: Json): SafetyCard {
  return json.record("uid", "head", "uidOther", "headOther");
}

/** What opening a wrap takes: the wrap and whose it is. */
function wrapOf(request: Json): [ReturnType<typeof parseWrap>, Uint8Array] {
  return [parseWrap(request.at("data").bytes), request.at("uid").bytes];
}

/** What making a wrap takes: RK and whose it is. */
function rkOf(request: Json): [Uint8Array, Uint8Array] {
  return [request.at("rk").bytes, request.at("uid").bytes];
}

function answerOf(request: Json): Answer {
  const keys = pairingKeys(request.at("code").text);
  return parseAnswer(keys, request.at("offer").bytes, request.at("data").bytes);
}

export const PERSONAL: Operations = {
  composeCode: (request) => composeCode(drawn(request)),
  parseCode: (request) => parseCode(request.at("text").text),
  formatCode: (request) => formatCode(request.at("text").text),
  codeSecret: (request) => codeSecret(request.at("text").text),
  parseRecoveryCode: (request) => parseRecoveryCode(request.at("text").text),
  parsePairingCode: (request) => parsePairingCode(request.at("text").text),
  wordlist: (request) => wordlist(languageOf(request)),
  composePassphrase: (request) => composePassphrase(drawn(request), languageOf(request)),
  parsePassphrase: (request) => parsePassphrase(request.at("text").text),

  sealVaultEntry: (request) =>
    sealVaultEntry(userKeyOf(request.at("userKey")), placeOf(request), request.at("es").bytes, drawn(request)),
  openVaultEntry: (request) =>
    openVaultEntry(userKeyOf(request.at("userKey")), placeOf(request), request.at("data").bytes),

  composeRecovery: (request) => {
    const random = drawn(request);
    return { rk: composeRecoveryKey(random), code: composeRecoveryCode(random) };
  },
  recoveryDevice: (request) => {
    const rk = request.at("rk").bytes;
    return { did: recoveryDid(rk), keys: recoveryDeviceKeys(rk).toSecret() };
  },
  wrapWithCode: (request) => packWrap(wrapWithCode(...rkOf(request), request.at("code").text, drawn(request))),
  wrapWithPassphrase: (request) =>
    packWrap(wrapWithPassphrase(...rkOf(request), request.at("passphrase").text, drawn(request))),
  wrapWithPasskey: (request) => {
    const params = { credentialId: request.at("credentialId").bytes, prfSalt: request.at("prfSalt").bytes };
    return packWrap(wrapWithPasskey(...rkOf(request), params, request.at("prfOutput").bytes, drawn(request)));
  },
  unwrapWithCode: (request) => unwrapWithCode(...wrapOf(request), request.at("code").text),
  unwrapWithPassphrase: (request) => unwrapWithPassphrase(...wrapOf(request), request.at("passphrase").text),
  unwrapWithPasskey: (request) => unwrapWithPasskey(...wrapOf(request), request.at("prfOutput").bytes),
  parseWrap: (request) => parseWrap(request.at("data").bytes),
  parseWraps: (request) => parseWraps(bytesOf(request.at("wraps"))),
  passkeyParams: (request) => passkeyParams(parseWrap(request.at("data").bytes)),
  signRecoveryTest: (request) =>
    signRecoveryTest(keysOf(request.at("keys")), request.at("did").bytes, request.at("tsMs").number),
  verifyRecoveryTest: (request) =>
    verifyRecoveryTest(
      request.at("ik").bytes,
      request.at("did").bytes,
      request.at("tsMs").number,
      request.at("data").bytes,
    ),

  pairingSlot: (request) => pairingKeys(request.at("code").text).slot,
  composePairingUri: (request) => composePairingUri(request.at("serverUrl").text, request.at("code").text),
  parsePairingUri: (request) => parsePairingUri(request.at("text").text),
  composeOffer: (request) => {
    const offer = { ...request.at("device").record<Offer>("did", "ik", "ek"), name: request.at("name").text };
    return composeOffer(pairingKeys(request.at("code").text), offer, drawn(request));
  },
  parseOffer: (request) => {
    const { name, ...device } = parseOffer(pairingKeys(request.at("code").text), request.at("data").bytes);
    return { name, device };
  },
  composeAnswer: (request) =>
    composeAnswer(
      pairingKeys(request.at("code").text),
      request.at("offer").bytes,
      {
        root: request.at("root").bytes,
        opcerts: bytesOf(request.at("opcerts")),
        links: bytesOf(request.at("links")),
        link: parseLink(request.at("link").bytes),
        userKeyBox: request.at("userKeyBox").bytes,
      },
      drawn(request),
    ),
  acceptAnswer: (request) => {
    const device = request.at("device").record<Offer>("did", "ik", "ek");
    const { chain, link, userKey } = acceptAnswer(
      answerOf(request),
      device,
      keysOf(request.at("keys")),
      request.at("nowMs").number,
    );
    return { chain, link: packLink(link), userKey: userKey.toSecret() };
  },

  composeTombstone: (request) => composeTombstone(statementOf(request), keysOf(request.at("keys")).ik).raw,
  verifyTombstone: (request) => verifyTombstone(request.at("data").bytes, chainOf(request, request.at("links"))),
  composeAcknowledgement: (request) =>
    composeAcknowledgement(statementOf(request), keysOf(request.at("keys")).ik).raw,
  verifyAcknowledgement: (request) =>
    verifyAcknowledgement(request.at("data").bytes, chainOf(request, request.at("links"))),

  composeSafetyCard: (request) => {
    const card = composeSafetyCard(sidesOf(request.at("sides")));
    return { bytes: packSafetyCard(card), number: safetyNumber(card) };
  },
  compareSafety: (request) => {
    const scanned = parseSafetyCard(request.at("data").bytes);
    compareSafety(scanned, sidesOf(request.at("own")));
    return scanned;
  },
  safetyWords: (request) => safetyWords(request.at("number").bytes, wordlist(languageOf(request))),
};
