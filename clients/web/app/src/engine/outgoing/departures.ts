/**
 * Members who said goodbye are taken out by an admin's device, by itself.  protocol §4
 *
 * Whoever leaves cannot commit it: they would know the next secret.  Every admin's device waits a random moment, so
 * that mostly one commits; the others find nothing left to do.
 */

import { memberOf, Role } from "@miss/core/commits.js";

import type { Connection } from "../connection.js";
import { type Amended, type Epochs, unchanged } from "../epochs.js";
import { isNamed } from "../errors.js";
import { type Cid, type Uid, unhex } from "../ids.js";
import type { Platform } from "../platform.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import { sleep, Wake } from "../waiting.js";

const JITTER_MS = 2000;
const RETRY_MS = 30_000;

/** One task; who is leaving is read from the store, so nobody is forgotten by a crash. */
export class Departures {
  readonly #platform: Platform;
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #epochs: Epochs;
  readonly #connection: Connection;
  readonly #wake = new Wake();

  constructor(platform: Platform, store: Store, device: DeviceRecord, epochs: Epochs, connection: Connection) {
    this.#platform = platform;
    this.#store = store;
    this.#device = device;
    this.#epochs = epochs;
    this.#connection = connection;
  }

  /** Somebody said goodbye, or there is a way to commit it. */
  wake(): void {
    this.#wake.set();
  }

  /** Take them out, whenever it is this device's turn.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wake.wait(this.#platform, signal);
      this.#wake.clear();
      const { conversations } = this.#store;
      if (!this.#connection.isOpen || !conversations.withDepartures().some((cid) => this.#mine(cid).size > 0)) continue;
      await sleep(this.#platform, JITTER_MS * fraction(this.#platform), signal);
      for (const cid of conversations.withDepartures()) await this.#takeOut(cid);
    }
  }

  async #takeOut(cid: Cid): Promise<void> {
    if (this.#mine(cid).size === 0) return;
    try {
      await this.#epochs.change(cid, (last) => this.#without(cid, unchanged(last)));
    } catch (error) {
      if (!isNamed(error)) throw error;
      this.#platform.later(() => this.wake(), RETRY_MS);
    }
  }

  /** Whom this device may take out: others, while its own person is an admin. */
  #mine(cid: Cid): ReadonlySet<Uid> {
    const last = this.#store.conversations.lastEpoch(cid);
    const me = last === null ? null : memberOf(last.commit, unhex(this.#device.uid));
    const leaving = this.#store.conversations.departures(cid).filter((uid) => uid !== this.#device.uid);
    return new Set(me?.role === Role.ADMIN ? leaving : []);
  }

  #without(cid: Cid, { policy, roles }: Amended): Amended | null {
    const leaving = this.#mine(cid);
    const staying = new Map([...roles].filter(([uid]) => !leaving.has(uid)));
    return staying.size === roles.size ? null : { roles: staying, policy };
  }
}

/** 0 ≤ fraction < 1, random. */
function fraction(platform: Platform): number {
  const drawn = platform.randomBytes(4);
  return new DataView(drawn.buffer, drawn.byteOffset).getUint32(0) / 2 ** 32;
}
