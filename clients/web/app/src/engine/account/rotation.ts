/**
 * Rotations: a new user key for the owner, every month and whenever a device leaves.  protocol §2, §5
 *
 * The link, the key for each device that stays and the vault sealed anew travel in one request, which the server takes
 * whole or not at all: a crash before it changed nothing, a crash after it is repaired by `UserKeys.follow`, since the
 * rotating device receives its own box too.  Of two devices that rotate at once one wins; the other follows.
 */

import { concat, uint64 } from "@miss/core/bytes.js";
import { applyLink, type Chain, states } from "@miss/core/chains.js";
import { composeRevoke, composeUek, sealUserKeyFor } from "@miss/core/changes.js";
import { ProtocolError } from "@miss/core/errors.js";
import { UserKey } from "@miss/core/keys.js";
import { type Link, packLink, type Proof } from "@miss/core/links.js";
import { hash } from "@miss/core/primitives.js";
import { sealVaultEntry } from "@miss/core/vault.js";

import { hasCode, isNamed, ServerRefused, ServerUnreachable } from "../errors.js";
import { type Cid, type Did, hex, unhex } from "../ids.js";
import type { Packed } from "../msgpack.js";
import type { Identities } from "../people/identities.js";
import type { Platform, Undo } from "../platform.js";
import type { ServerApi } from "../serverApi.js";
import type { ServerTime } from "../serverTime.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import { Wake } from "../waiting.js";
import type { EpochSecrets } from "./epochSecrets.js";
import type { UserKeys } from "./userKeys.js";
import { type Secret, secretKey, type Secrets, type Vault } from "./vault.js";

/** How often a change of the own chain is made again because something else came first. */
export const MAX_REBASES = 8;
/** Refusals that say so. */
export const LOST_RACE = ["stale_link", "link_out_of_order"] as const;
const DAY_MS = 24 * 3600 * 1000;
const ROTATE_AFTER_MS = 30 * DAY_MS;
/** The devices of a person come due at different moments of this span: usually one rotates and the others follow. */
const JITTER_MS = DAY_MS;
const CHECK_MS = 3_600_000;

/** When the device `did` is to replace the user key in force, in milliseconds since 1970. */
export function dueAtMs(chain: Chain, did: Uint8Array): number {
  const draw = hash("rotation-jitter", concat(did, uint64(chain.uekGen)));
  const fraction = new DataView(draw.buffer, draw.byteOffset).getUint32(0) / 2 ** 32;
  return beganMs(chain) + ROTATE_AFTER_MS + Math.floor(fraction * JITTER_MS);
}

/** When the user key in force came into force. */
function beganMs(chain: Chain): number {
  const inForce = [...states(chain)].filter((state) => state.uekGen === chain.uekGen);
  return Math.min(...inForce.map((state) => state.tsMs));
}

/** What a rotation stands on; `catchUp`: `Epochs.catchUp`. */
export interface RotationParts {
  readonly platform: Platform;
  readonly store: Store;
  readonly device: DeviceRecord;
  readonly identities: Identities;
  readonly userKeys: UserKeys;
  readonly vault: Vault;
  readonly secrets: EpochSecrets;
  readonly api: ServerApi;
  readonly time: ServerTime;
  readonly catchUp: (cid: Cid) => Promise<unknown>;
}

/** Makes the owner's next user key; `run` does it by itself when the one in force is a month old. */
export class Rotation {
  readonly #parts: RotationParts;
  readonly #wake = new Wake();

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  /** Everything the server had is here: look whether the key is due. */
  wake(): void {
    this.#wake.set();
  }

  /** Rotate when it is due.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    // One check an hour, however often a connection wakes it in between.
    let undo: Undo = () => undefined;
    for (;;) {
      await this.#wake.wait(this.#parts.platform, signal);
      this.#wake.clear();
      try {
        await this.rotateIfDue();
      } catch (error) {
        if (!isNamed(error)) throw error; // else: put off, there is another hour
      }
      undo();
      undo = this.#parts.platform.later(() => this.#wake.set(), CHECK_MS);
    }
  }

  /**
   * Rotate if the user key in force is a month old, even by the server's latest word; true if it was.
   *
   * Also if a restored server has lost what the last change brought along.
   */
  async rotateIfDue(): Promise<boolean> {
    const { device, identities, store, time, userKeys } = this.#parts;
    const did = unhex(device.did);
    if (store.device.rotationIsDue()) {
      const isDone = this.#wasRotatedSince();
      if (!isDone) await this.rotate();
      await store.transaction(() => store.device.settleRotation());
      return !isDone;
    }
    if (time.nowMs() < dueAtMs(userKeys.chain(), did)) return false;
    const chain = await identities.refresh(device.uid);
    if (time.nowMs() < dueAtMs(chain, did)) {
      await userKeys.follow();
      return false;
    }
    await this.rotate();
    return true;
  }

  /** True if another device has changed the key since the server was restored. */
  #wasRotatedSince(): boolean {
    const [last, chain] = [this.#parts.store.restorations.last(), this.#parts.userKeys.chain()];
    return last !== null && beganMs(chain) > last.tsMs;
  }

  /**
   * Put a new user key in force; nothing more happens if another device does the same meanwhile.
   *
   * Throws ServerRefused, ServerUnreachable, and as `Identities.refresh` and `UserKeys.follow`.
   */
  async rotate(): Promise<void> {
    const startedAt = (await this.#parts.identities.refresh(this.#parts.device.uid)).uekGen;
    await this.#rotate(
      (chain, userKey) => composeUek(chain, { ...this.#vouched(), userKey }),
      (chain) => chain.uekGen > startedAt,
    );
  }

  /**
   * Take a device, or the recovery key, out of the chain and the user key away from it; harmless if it is out.
   *
   * Throws as `rotate`, LinkNotAllowed for this device itself.
   */
  async revoke(did: Did): Promise<void> {
    await this.#rotate(
      (chain, userKey) => composeRevoke(chain, { ...this.#vouched(), did: unhex(did), userKey }),
      (chain) => !chain.devices.has(did),
    );
  }

  #vouched(): { proof: Proof; tsMs: number; by: Uint8Array; byKeys: DeviceRecord["keys"] } {
    const { device, time } = this.#parts;
    const nowMs = time.nowMs();
    return { proof: { method: "device", time: nowMs }, tsMs: nowMs, by: unhex(device.did), byKeys: device.keys };
  }

  /** Append the link that `compose` makes, again as long as something else comes in between. */
  async #rotate(compose: (chain: Chain, key: UserKey) => Link, isDone: (chain: Chain) => boolean): Promise<void> {
    const { api, device, identities, platform, userKeys, vault } = this.#parts;
    const missing = new Map<string, Secret>();
    for (let rebases = 0; ; rebases += 1) {
      const chain = await identities.refresh(device.uid);
      await userKeys.follow();
      if (isDone(chain)) return;
      const secrets = new Map([...missing, ...(await vault.fetchAll()), ...this.#local()]);
      const key = UserKey.generate(chain.uekGen + 1, platform.randomBytes);
      const link = compose(chain, key);
      const boxes = sealUserKeyFor(applyLink(chain, link), key, platform.randomBytes);
      try {
        const signed = await api.identity.sendLink(packLink(link), boxes, this.#seal(key, secrets));
        await identities.takeLink(device.uid, signed);
        await userKeys.takeOwn(key);
        return;
      } catch (error) {
        // As long as `missing` grows it is no race but a long list told in portions.
        if (await this.#mayGoOn(error, missing)) rebases -= 1;
        else if (rebases + 1 >= MAX_REBASES) throw error;
      }
    }
  }

  /** True if what was refused for want of secrets brought new ones into `missing`.  Throws what is no lost race. */
  async #mayGoOn(error: unknown, missing: Map<string, Secret>): Promise<boolean> {
    // An answer that was lost may have arrived: the chain tells, if it can be asked.
    if (error instanceof ServerUnreachable || hasCode(error, ...LOST_RACE)) return false;
    if (!(error instanceof ServerRefused) || error.code !== "vault_incomplete") throw error;
    const found = await this.#findMissing(error.details["missing"]);
    const isNews = [...found.keys()].some((key) => !missing.has(key));
    for (const [key, secret] of found) missing.set(key, secret);
    return isNews;
  }

  #local(): Secrets {
    const found = new Map<string, Secret>();
    for (const [cid, epoch] of this.#parts.store.conversations.everyEpoch()) {
      if (epoch.es !== null) found.set(secretKey(cid, epoch.number), { cid, epoch: epoch.number, es: epoch.es });
    }
    return found;
  }

  /** Vault entries under `key`; an empty one says that this person never could open that epoch. */
  #seal(key: UserKey, secrets: Secrets): readonly (readonly [Uint8Array, number, Uint8Array])[] {
    const uid = unhex(this.#parts.device.uid);
    const inOrder = [...secrets.values()].sort((left, right) =>
      left.cid === right.cid ? left.epoch - right.epoch : left.cid < right.cid ? -1 : 1,
    );
    return inOrder.map(({ cid, epoch, es }) => {
      const place = { uid, cid: unhex(cid), epoch };
      const sealed = es.length === 0 ? es : sealVaultEntry(key, place, es, this.#parts.platform.randomBytes);
      return [place.cid, epoch, sealed];
    });
  }

  /**
   * What the server counts and this device did not send; empty for what never will open.
   *
   * Nothing is given up for want of an answer.  Throws ServerRefused, ServerUnreachable.
   */
  async #findMissing(named: Packed | undefined): Promise<Secrets> {
    const wanted = readPlaces(named);
    for (const cid of new Set(wanted.map(([cid]) => cid))) {
      try {
        await this.#parts.catchUp(cid);
        await this.#parts.secrets.complete(cid);
      } catch (error) {
        // Commits that do not hold, for any device, must not keep a thief's device in the chain.
        if (!(error instanceof ProtocolError) && !hasCode(error, "not_found")) throw error;
      }
    }
    return new Map(
      wanted.map(([cid, epoch]) => {
        const es = this.#parts.store.conversations.findEpoch(cid, epoch)?.es ?? new Uint8Array();
        return [secretKey(cid, epoch), { cid, epoch, es }];
      }),
    );
  }
}

/** [[cid in hexadecimal, epoch], …].  Throws ServerUnreachable for anything else. */
function readPlaces(named: Packed | undefined): readonly (readonly [Cid, number])[] {
  const pairs = Array.isArray(named) ? (named as readonly Packed[]) : [null];
  return pairs.map((pair) => {
    const [cid, epoch] = Array.isArray(pair) ? (pair as readonly Packed[]) : [];
    if (typeof cid !== "string" || !/^[0-9a-f]{64}$/.test(cid) || !Number.isSafeInteger(epoch)) {
      throw new ServerUnreachable("unreadable_answer");
    }
    return [hex(unhex(cid)), epoch as number];
  });
}
