/**
 * The recovery key: made here, shown once, typed back, put in place and tested by a round trip.  protocol §5
 *
 * The key itself is never shown or stored: a printed code, eight generated words or a passkey opens the wrap that the
 * server keeps.  A recovery key counts for nothing until somebody has opened it once from what the server really holds.
 */

import { equal, hex } from "@miss/core/bytes.js";
import type { Chain, Device } from "@miss/core/chains.js";
import { composeAdd } from "@miss/core/changes.js";
import { sealUserKey } from "@miss/core/keys.js";
import { cosign, packLink, PAPER } from "@miss/core/links.js";
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
  wrapWithCode,
  wrapWithPasskey,
  wrapWithPassphrase,
} from "@miss/core/recovery.js";
import { composePassphrase, type Language, parsePassphrase } from "@miss/core/words.js";
import { packWrap, parseWraps, passkeyParams, type Wrap } from "@miss/core/wraps.js";

import type { Ms, Passkey, PasskeyAnswer, RecoverySecret, RecoveryState, TypedMethod } from "../api.js";
import { EngineError, hasCode, ServerUnreachable } from "../errors.js";
import { unhex } from "../ids.js";
import type { DevicesParts } from "./devices.js";
import { findPaper, requireRoom } from "./model.js";
import { LOST_RACE, MAX_REBASES } from "./rotation.js";

/** One RK opens with so many passkeys (protocol §5). */
const MAX_PASSKEYS = 5;

/** What a person types: the printed code, or eight words, by how it looks. */
export function methodOf(secret: string): TypedMethod {
  const groups = secret.trim().split(/[\s\p{Pd}]+/u);
  const looksLikeWords = groups.length >= 7 && groups.every((group) => !/[0-9]/.test(group));
  return looksLikeWords ? "passphrase" : "code";
}

/**
 * RK, from the wrap that opens with a code, eight words or the passkey that answered.
 *
 * Throws `recovery_key_missing` if there is none of that method, WrongRecoverySecret, BadRecoveryCode,
 * BadRecoveryPassphrase, WrapTooCostly.
 */
export function unwrap(wraps: readonly Wrap[], uid: Uint8Array, secret: RecoverySecret): Uint8Array {
  if (typeof secret !== "string") {
    const its = wraps.find((wrap) => wrap.method === "passkey" && equal(passkeyParams(wrap).credentialId, secret.credentialId));
    if (its === undefined) throw new EngineError("recovery_key_missing", { method: "passkey" });
    return unwrapWithPasskey(its, uid, secret.prf);
  }
  const method = methodOf(secret);
  const wrap = wraps.find((candidate) => candidate.method === method);
  if (wrap === undefined) throw new EngineError("recovery_key_missing", { method });
  return method === "passphrase" ? unwrapWithPassphrase(wrap, uid, secret) : unwrapWithCode(wrap, uid, secret);
}

/** The passkeys that open one of `wraps`, as a browser is asked for them. */
export function passkeysOf(wraps: readonly Wrap[]): readonly Passkey[] {
  return wraps.filter(({ method }) => method === "passkey").map(passkeyParams);
}

/** Throws `recovery_not_proven` unless `rk` is the recovery key that the chain names. */
export function requirePaper(paper: Device, rk: Uint8Array): void {
  const keys = recoveryDeviceKeys(rk);
  const isTheirs = equal(paper.ik, keys.ikPublic) && equal(paper.ek, keys.ekPublic);
  if (!isTheirs || !equal(paper.did, recoveryDid(rk))) throw new EngineError("recovery_not_proven", { reason: "key" });
}

export class Recovery {
  readonly #parts: DevicesParts;
  readonly #language: Language;

  /** `language`: of the words that are drawn. */
  constructor(parts: DevicesParts, language: Language) {
    this.#parts = parts;
    this.#language = language;
  }

  /**
   * Whether there is a recovery key, by the verified chain, and how it opens, by the server's word.
   *
   * Throws ServerRefused, ServerUnreachable, BadWrap, and as `Identities.refresh`.
   */
  async state(): Promise<RecoveryState> {
    const chain = await this.#chain();
    const answer = await this.#parts.api.identity.fetchRecovery();
    if (findPaper(chain) === null || answer.wraps.length === 0) {
      return { hasKey: false, testedAtMs: null, methods: [], passkeys: [] };
    }
    const wraps = parseWraps(answer.wraps);
    const methods = wraps.map(({ method }) => method);
    return { hasKey: true, testedAtMs: answer.testedAt, methods, passkeys: passkeysOf(wraps) };
  }

  /**
   * A new recovery key, and the code or the words that open it, to be shown once; nothing has happened yet.
   *
   * `replaces`: it takes the place of the one there is, which leaves the chain first, and the user key changes; broken
   * off in between there is none, as `state` says.  Throws `recovery_key_exists` unless it replaces,
   * `too_many_devices`, and as `Identities.refresh`.
   */
  async prepare(replaces: boolean, method: TypedMethod): Promise<Prepared> {
    const chain = await this.#chain();
    const paper = findPaper(chain);
    if (paper !== null && !replaces) throw new EngineError("recovery_key_exists");
    requireRoom(chain, paper);
    const rk = composeRecoveryKey(this.#parts.platform.randomBytes);
    const { secret, wrap } = this.#wrapped(rk, chain.uid, method);
    return new Prepared(this, method, secret, () => this.#enter(rk, wrap, replaces));
  }

  /**
   * A code or words for the recovery key there is, in the place of those there were; nothing has happened yet.
   *
   * `known`: what opens it now.  Throws as `test`.
   */
  async prepareMethod(known: RecoverySecret, method: TypedMethod): Promise<Prepared> {
    const { rk, uid, wraps } = await this.#open(known);
    const { secret, wrap } = this.#wrapped(rk, uid, method);
    const kept = wraps.filter((one) => one.method !== method);
    return new Prepared(this, method, secret, () => this.#put([...kept, wrap]));
  }

  /**
   * A passkey for the recovery key there is; when it was shown to work.
   *
   * `known`: what opens it now.  Throws `too_many_passkeys`, and as `test`.
   */
  async addPasskey(known: RecoverySecret, { credentialId, prfSalt, prf }: Passkey & PasskeyAnswer): Promise<Ms> {
    const { rk, uid, wraps } = await this.#open(known);
    if (passkeysOf(wraps).length >= MAX_PASSKEYS) throw new EngineError("too_many_passkeys", { max: MAX_PASSKEYS });
    const wrap = wrapWithPasskey(rk, uid, { credentialId, prfSalt }, prf, this.#parts.platform.randomBytes);
    await this.#put([...wraps, wrap]);
    return this.test({ credentialId, prf });
  }

  #wrapped(rk: Uint8Array, uid: Uint8Array, method: TypedMethod): { readonly secret: string; readonly wrap: Wrap } {
    const { randomBytes } = this.#parts.platform;
    if (method === "passphrase") {
      const secret = composePassphrase(randomBytes, this.#language);
      return { secret, wrap: wrapWithPassphrase(rk, uid, secret, randomBytes) };
    }
    const secret = composeRecoveryCode(randomBytes);
    return { secret, wrap: wrapWithCode(rk, uid, secret, randomBytes) };
  }

  #put(wraps: readonly Wrap[]): Promise<void> {
    return this.#parts.api.identity.putWraps(wraps.map(packWrap));
  }

  /** Put the recovery key into the chain and its wrap on the server; harmless if it is there. */
  async #enter(rk: Uint8Array, wrap: Wrap, replaces: boolean): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const paper = findPaper(await this.#chain());
      if (paper !== null && equal(paper.did, recoveryDid(rk))) return;
      if (paper !== null) {
        if (!replaces) throw new EngineError("recovery_key_exists");
        await this.#parts.rotation.revoke(hex(paper.did));
      }
      try {
        await this.#send(await this.#chain(), rk, wrap);
        return;
      } catch (error) {
        // What was not answered may have arrived: the chain tells, if it can be asked.
        const isPassing = error instanceof ServerUnreachable || hasCode(error, ...LOST_RACE);
        if (!isPassing || attempt === MAX_REBASES) throw error;
      }
    }
  }

  async #send(chain: Chain, rk: Uint8Array, wrap: Wrap): Promise<void> {
    const { api, device, identities, platform, time, userKeys } = this.#parts;
    const did = recoveryDid(rk);
    const keys = recoveryDeviceKeys(rk);
    const nowMs = time.nowMs();
    const link = composeAdd(chain, {
      device: { did, ik: keys.ikPublic, ek: keys.ekPublic },
      by: unhex(device.did),
      byKeys: device.keys,
      proof: { method: PAPER, time: nowMs },
      tsMs: nowMs,
    });
    const box = sealUserKey(await userKeys.follow(), chain.uid, did, keys.ekPublic, platform.randomBytes);
    const packed = packLink(cosign(link, keys));
    const signed = await api.identity.sendLink(packed, [[did, box]], [], [packWrap(wrap)]);
    await identities.takeLink(device.uid, signed);
  }

  /**
   * Open the recovery key from what the server keeps, and let the server write down that it worked; when.
   *
   * Throws BadRecoveryCode or BadRecoveryPassphrase for a slip of the pen, WrongRecoverySecret, `recovery_key_missing`,
   * `recovery_not_proven` (what opens is not the recovery key of the chain), ServerRefused, ServerUnreachable.
   */
  async test(secret: RecoverySecret): Promise<Ms> {
    const { api, time } = this.#parts;
    const { rk } = await this.#open(secret);
    const tsMs = time.nowMs();
    const signature = signRecoveryTest(recoveryDeviceKeys(rk), recoveryDid(rk), tsMs);
    return api.identity.reportRecoveryTested(signature, tsMs);
  }

  /** RK, shown to be the one of the chain, and every wrap of it. */
  async #open(secret: RecoverySecret): Promise<{ readonly rk: Uint8Array; readonly uid: Uint8Array; readonly wraps: readonly Wrap[] }> {
    const chain = await this.#chain();
    const { uid } = chain;
    const paper = findPaper(chain);
    const answer = await this.#parts.api.identity.fetchRecovery();
    if (paper === null || answer.wraps.length === 0) throw new EngineError("recovery_key_missing");
    const wraps = parseWraps(answer.wraps);
    const rk = unwrap(wraps, uid, secret);
    requirePaper(paper, rk);
    return { rk, uid, wraps };
  }

  #chain(): Promise<Chain> {
    return this.#parts.identities.refresh(this.#parts.device.uid);
  }
}

/** A secret to be shown once, and typed back. */
export class Prepared {
  /** The code, in groups, or the eight words: to be printed or written down, not stored. */
  readonly secret: string;
  readonly #method: TypedMethod;
  readonly #recovery: Recovery;
  readonly #put: () => Promise<void>;

  constructor(recovery: Recovery, method: TypedMethod, secret: string, put: () => Promise<void>) {
    this.#recovery = recovery;
    this.#method = method;
    this.secret = secret;
    this.#put = put;
  }

  /**
   * The owner typed the secret back: put it in place, then test it by a round trip; when that worked.
   *
   * Broken off, the same call again goes on.  Throws `recovery_secret_mistyped`, BadRecoveryCode,
   * BadRecoveryPassphrase, `recovery_key_exists`, and as `Recovery.test` and `Rotation.revoke`.
   */
  async confirm(typed: string): Promise<Ms> {
    const plain = this.#method === "passphrase" ? parsePassphrase : parseRecoveryCode;
    if (plain(typed) !== plain(this.secret)) throw new EngineError("recovery_secret_mistyped");
    await this.#put();
    return this.#recovery.test(typed);
  }
}
