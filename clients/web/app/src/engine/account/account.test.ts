import { applyLink, type Chain } from "@miss/core/chains.js";
import { composeAdd, composeReset, composeRevoke, composeUek } from "@miss/core/changes.js";
import { DeviceKeys, UserKey } from "@miss/core/keys.js";
import { composeGenesis, cosign, PAPER, type Who } from "@miss/core/links.js";
import { composeRecoveryKey, recoveryDeviceKeys, recoveryDid, wrapWithCode, wrapWithPasskey } from "@miss/core/recovery.js";
import { describe, expect, test } from "vitest";

import { warningsBetween } from "../people/warnings.js";
import { findPaper, requireRoom } from "./model.js";
import { methodOf, passkeysOf, requirePaper, unwrap } from "./recovery.js";
import { dueAtMs } from "./rotation.js";

const DAY_MS = 24 * 3600 * 1000;
const CODE = "0ABCD-EFGHJ-KMNPQ-RSTVW-XYZ012";
const who: Who = { rpps: "99900000052", family: "TÉMOIN", given: "Claire", profession: "Infirmière" };
let drawn = 0;

function randomBytes(size: number): Uint8Array {
  drawn += 1;
  return Uint8Array.from({ length: size }, (_, at) => (drawn * 31 + at * 7) % 256);
}

const first = { did: new Uint8Array(16).fill(1), keys: DeviceKeys.generate(randomBytes) };
const by = { by: first.did, byKeys: first.keys };

function at(tsMs: number, method = "device"): { proof: { method: string; time: number }; tsMs: number } {
  return { proof: { method, time: tsMs }, tsMs };
}

function begin(): Chain {
  const userKey = UserKey.generate(1, randomBytes);
  return applyLink(null, composeGenesis({ uid: new Uint8Array(16).fill(9), ...first, userKey, who, ...at(1000) }));
}

function letIn(chain: Chain, did: number, method = "device"): Chain {
  const keys = DeviceKeys.generate(randomBytes);
  const device = { did: new Uint8Array(16).fill(did), ik: keys.ikPublic, ek: keys.ekPublic };
  return applyLink(chain, cosign(composeAdd(chain, { ...by, device, ...at(chain.tsMs + 1000, method) }), keys));
}

function rotate(chain: Chain, tsMs: number): Chain {
  const userKey = UserKey.generate(chain.uekGen + 1, randomBytes);
  return applyLink(chain, composeUek(chain, { ...by, userKey, ...at(tsMs) }));
}

describe("a rotation", () => {
  test("is due between 30 and 31 days after the key in force began", () => {
    const began = rotate(begin(), 5 * DAY_MS);
    const since = letIn(began, 2); // the key stays: so does its date
    const due = dueAtMs(since, first.did);
    expect(due).toBe(dueAtMs(began, first.did));
    expect(due).toBeGreaterThanOrEqual(35 * DAY_MS);
    expect(due).toBeLessThan(36 * DAY_MS);
  });

  test("comes at the moment Python computes", () => {
    const chain = rotate(rotate(begin(), 10), 20);
    const did = Uint8Array.from({ length: 16 }, (_, place) => place);
    expect(dueAtMs(chain, did)).toBe(20 + 30 * DAY_MS + 83_220_353);
  });
});

describe("what contacts are warned of", () => {
  test("nothing at a first meeting, and nothing of a recovery key", () => {
    const chain = begin();
    expect(warningsBetween(null, chain)).toEqual([]);
    expect(warningsBetween(chain, letIn(chain, 2, PAPER))).toEqual([]);
  });

  test("a device more, also if it has left again meanwhile", () => {
    const chain = begin();
    const more = letIn(chain, 2);
    const userKey = UserKey.generate(more.uekGen + 1, randomBytes);
    const less = applyLink(more, composeRevoke(more, { ...by, did: new Uint8Array(16).fill(2), userKey, ...at(3000) }));
    expect(warningsBetween(chain, more)).toEqual(["new_device"]);
    expect(warningsBetween(chain, less)).toEqual(["key_changed", "new_device"]);
    expect(warningsBetween(more, less)).toEqual(["key_changed"]);
  });

  test("a fresh start, which says more than all the rest", () => {
    const chain = begin();
    const keys = DeviceKeys.generate(randomBytes);
    const userKey = UserKey.generate(2, randomBytes);
    const did = new Uint8Array(16).fill(7);
    const over = applyLink(chain, composeReset(chain, { did, keys, userKey, who, ...at(4000) }));
    expect(warningsBetween(chain, over)).toEqual(["reset"]);
    expect(warningsBetween(null, over)).toEqual(["reset"]);
  });
});

describe("the recovery key", () => {
  const rk = composeRecoveryKey(randomBytes);
  const keys = recoveryDeviceKeys(rk);
  const uid = new Uint8Array(16).fill(9);

  test("is told by what it looks like: a code, or words", () => {
    expect(methodOf(CODE)).toBe("code");
    expect(methodOf(" 0abcd efghj kmnpq rstvw xyz012 ")).toBe("code");
    expect(methodOf("abandon abeille abolir aborder aboutir aboyer abrasif abreuver")).toBe("passphrase");
  });

  test("opens by the wrap of its method, and no other", () => {
    const wrap = wrapWithCode(rk, uid, CODE, randomBytes);
    expect(unwrap([wrap], uid, CODE.toLowerCase())).toEqual(rk);
    expect(() => unwrap([wrap], uid, "abandon abeille abolir aborder aboutir aboyer abrasif abreuver")).toThrowError(
      expect.objectContaining({ code: "recovery_key_missing" }),
    );
    expect(() => unwrap([wrap], uid, CODE.replace("A", "B"))).toThrowError(
      expect.objectContaining({ code: "wrong_recovery_secret" }),
    );
  });

  test("opens by the passkey that answered, with that one's salt", () => {
    const passkey = (mark: number) => ({ credentialId: new Uint8Array(8).fill(mark), prfSalt: new Uint8Array(32).fill(mark) });
    const prf = (mark: number) => new Uint8Array(32).fill(mark);
    const wraps = [1, 2].map((mark) => wrapWithPasskey(rk, uid, passkey(mark), prf(mark), randomBytes));
    expect(passkeysOf([...wraps, wrapWithCode(rk, uid, CODE, randomBytes)])).toEqual([passkey(1), passkey(2)]);
    expect(unwrap(wraps, uid, { credentialId: passkey(2).credentialId, prf: prf(2) })).toEqual(rk);
    expect(() => unwrap(wraps, uid, { credentialId: passkey(2).credentialId, prf: prf(1) })).toThrowError(
      expect.objectContaining({ code: "wrong_recovery_secret" }),
    );
    expect(() => unwrap(wraps, uid, { credentialId: new Uint8Array(8).fill(3), prf: prf(3) })).toThrowError(
      expect.objectContaining({ code: "recovery_key_missing" }),
    );
  });

  test("has to be the one of the chain", () => {
    const paper = { did: recoveryDid(rk), ik: keys.ikPublic, ek: keys.ekPublic, paper: true };
    requirePaper(paper, rk);
    expect(() => requirePaper(paper, new Uint8Array(32))).toThrowError(
      expect.objectContaining({ code: "recovery_not_proven" }),
    );
  });

  test("takes the place of one device, which its own departure makes free", () => {
    let chain = letIn(begin(), 2, PAPER);
    for (let did = 3; did <= 10; did += 1) chain = letIn(chain, did);
    expect(chain.devices.size).toBe(10);
    expect(() => requireRoom(chain)).toThrowError(expect.objectContaining({ code: "too_many_devices" }));
    requireRoom(chain, findPaper(chain));
  });
});
