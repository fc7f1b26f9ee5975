/** The samples of version 1, kept for ever: vault, recovery, pairing, statements, safety numbers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { verifyAcknowledgement } from "./acknowledgements.js";
import { hex, unhex } from "./bytes.js";
import { codeSecret } from "./codes.js";
import { chainOf, keysOf, ROOT, userKeyOf, V1 } from "./golden-samples.js";
import { DeviceKeys } from "./keys.js";
import { acceptAnswer, pairingKeys, parseAnswer, parseOffer, parsePairingCode } from "./pairing.js";
import { composePairingUri, parsePairingUri } from "./pairing-uri.js";
import {
  recoveryDeviceKeys,
  recoveryDid,
  signRecoveryTest,
  unwrapWithCode,
  unwrapWithPasskey,
  unwrapWithPassphrase,
  verifyRecoveryTest,
} from "./recovery.js";
import { compareSafety, parseSafetyCard, safetyNumber, safetyWords } from "./safety.js";
import { composeTombstone, verifyTombstone } from "./tombstones.js";
import { openVaultEntry } from "./vault.js";
import { parsePassphrase, wordlist } from "./words.js";
import { parseWrap, parseWraps, passkeyParams } from "./wraps.js";

const NOW_MS = 1_790_000_000_000;
const ALICE = unhex(V1.keys.alice.uid);

test("a vault entry", () => {
  const { cid, epoch, es, sealed } = V1.vault;
  const place = { uid: ALICE, cid: unhex(cid), epoch };
  assert.equal(hex(openVaultEntry(userKeyOf("alice"), place, unhex(sealed))), es);
});

test("a recovery key", () => {
  const { rk, did, device_secret, test: tested } = V1.recovery;
  const keys = recoveryDeviceKeys(unhex(rk));
  assert.deepEqual([hex(recoveryDid(unhex(rk))), hex(keys.toSecret())], [did, device_secret]);
  assert.equal(hex(signRecoveryTest(keys, unhex(did), tested.ts)), tested.sig);
  assert.ok(verifyRecoveryTest(keys.ikPublic, unhex(did), tested.ts, unhex(tested.sig)));
  assert.ok(!verifyRecoveryTest(keys.ikPublic, unhex(did), tested.ts + 1, unhex(tested.sig)));
});

test("a recovery key, wrapped in each way", () => {
  const { rk, wraps, ...secrets } = V1.recovery;
  const [code, passphrase, english, passkey] = [wraps.code, wraps.passphrase, wraps.passphrase_en, wraps.passkey].map(
    (wrap) => parseWrap(unhex(wrap)),
  );
  assert.ok(code && passphrase && english && passkey);
  assert.equal(hex(codeSecret(secrets.code)), secrets.code_secret);
  assert.equal(parsePassphrase(secrets.passphrase), secrets.passphrase_folded);
  const { credentialId, prfSalt } = passkeyParams(passkey);
  assert.deepEqual([hex(credentialId), hex(prfSalt)], [secrets.credential_id, secrets.prf_salt]);
  const opened = [
    unwrapWithCode(code, ALICE, secrets.code),
    unwrapWithPassphrase(passphrase, ALICE, secrets.passphrase),
    unwrapWithPassphrase(english, ALICE, secrets.passphrase_en),
    unwrapWithPasskey(passkey, ALICE, unhex(secrets.prf_output)),
  ];
  assert.deepEqual(opened.map(hex), [rk, rk, rk, rk]);
  const together = parseWraps([wraps.code, wraps.passphrase, wraps.passkey].map(unhex));
  assert.deepEqual(
    together.map(({ method }) => method),
    ["code", "passphrase", "passkey"],
  );
});

test("a pairing", () => {
  const sample = V1.pairing;
  const invitation = parsePairingUri(sample.uri);
  assert.deepEqual(invitation, { serverUrl: sample.server_url, code: parsePairingCode(sample.code) });
  assert.equal(composePairingUri(sample.server_url, sample.code), sample.uri);
  const keys = pairingKeys(invitation.code);
  assert.equal(hex(keys.slot), sample.slot);
  const offer = parseOffer(keys, unhex(sample.offer));
  assert.deepEqual([hex(offer.did), offer.name], [sample.did, sample.name]);
  const answer = parseAnswer(keys, unhex(sample.offer), unhex(sample.answer));
  assert.deepEqual(answer.root, ROOT);
  const deviceKeys = DeviceKeys.fromSecret(unhex(sample.device_secret));
  const { chain, link, userKey } = acceptAnswer(answer, offer, deviceKeys, NOW_MS);
  assert.deepEqual(chain, chainOf("alice"));
  assert.deepEqual([hex(link.core.did), hex(userKey.toSecret())], [sample.did, V1.keys.alice.user_key]);
  assert.ok(!JSON.stringify(keys).includes("key"));
});

test("statements", () => {
  const { cid, seq, env_hash, tombstone, acknowledgement } = V1.statements;
  const [deleted, taken] = [
    verifyTombstone(unhex(tombstone), chainOf("bob")),
    verifyAcknowledgement(unhex(acknowledgement), chainOf("alice")),
  ];
  for (const statement of [deleted, taken]) {
    assert.deepEqual([hex(statement.cid), statement.seq, hex(statement.envHash)], [cid, seq, env_hash]);
  }
  assert.deepEqual(composeTombstone(deleted, keysOf("bob").ik), deleted);
});

test("safety numbers", () => {
  const { card_of_alice, card_of_bob, number, words } = V1.safety;
  const own = parseSafetyCard(unhex(card_of_alice));
  compareSafety(parseSafetyCard(unhex(card_of_bob)), own);
  assert.equal(hex(safetyNumber(own)), number);
  for (const language of ["fr", "en"] as const) {
    assert.deepEqual(safetyWords(unhex(number), wordlist(language)), words[language]);
  }
});
