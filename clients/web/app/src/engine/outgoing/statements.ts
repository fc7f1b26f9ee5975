/**
 * Deletions and acknowledgements, told to the server until it has them.  protocol §3, §7
 *
 * They have no place in the log: each is a signed object about one that has.  A tombstone is confirmed by its echo, an
 * acknowledgement by its answer; what the server refuses for good is dropped, since nobody could change it.
 */

import type { Connection } from "../connection.js";
import { codeOf, isNamed, isTemporary } from "../errors.js";
import type { Cid } from "../ids.js";
import type { Platform } from "../platform.js";
import type { ServerApi } from "../serverApi.js";
import type { PendingStatement, StatementKind } from "../store/statements.js";
import type { Store } from "../store/store.js";
import { sleep, Wake } from "../waiting.js";
import { TEMPORARY } from "./sending.js";

const RETRY_MS = 5000;
/** Between two tombstones beyond the first BURST of a connection: the server's own rate. */
const PACE_MS = 1000;
const BURST = 25;

/** One task; what waits is read from the store, so nothing is forgotten by a crash. */
export class Statements {
  readonly #platform: Platform;
  readonly #store: Store;
  readonly #api: ServerApi;
  readonly #connection: Connection;
  readonly #wake = new Wake();
  /** Tombstones said on this connection, whose echo is to come. */
  readonly #told = new Map<string, { readonly cid: Cid; readonly seq: number }>();

  constructor(platform: Platform, store: Store, api: ServerApi, connection: Connection) {
    this.#platform = platform;
    this.#store = store;
    this.#api = api;
    this.#connection = connection;
  }

  /** There is something to tell, or a way to. */
  wake(): void {
    this.#wake.set();
  }

  /** A new connection: nothing was said on it yet. */
  restart(): void {
    this.#told.clear();
    this.wake();
  }

  /** Tell whatever waits, whenever something changes.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wake.wait(this.#platform, signal);
      this.#wake.clear();
      for (const statement of this.#store.statements.list()) {
        if (!this.#connection.isOpen) break;
        try {
          await this.#tell(statement, signal);
        } catch (error) {
          await this.#takeFailure(statement, error);
        }
      }
    }
  }

  async #tell({ cid, kind, seq, signed }: PendingStatement, signal: AbortSignal): Promise<void> {
    if (kind === "acknowledgement") {
      await this.#api.acknowledge(cid, seq, signed);
      await this.settle(cid, seq, kind);
    } else if (!this.#told.has(`${cid} ${seq}`)) {
      if (this.#told.size >= BURST) await sleep(this.#platform, PACE_MS, signal);
      this.#connection.report({ kind: "del", cid, seq, tombstone: signed, uid: null });
      this.#told.set(`${cid} ${seq}`, { cid, seq });
    }
  }

  async #takeFailure({ cid, kind, seq }: PendingStatement, error: unknown): Promise<void> {
    if (!isNamed(error)) throw error;
    if (isTemporary(error) || TEMPORARY.includes(codeOf(error))) this.#platform.later(() => this.wake(), RETRY_MS);
    else await this.settle(cid, seq, kind);
  }

  /** The server has it. */
  async settle(cid: Cid, seq: number, kind: StatementKind): Promise<void> {
    await this.#store.transaction(() => this.#store.statements.settle(cid, seq, kind));
  }

  /** The server refuses the tombstone of a place it does not name the conversation of: one said just now. */
  async takeRefusal(seq: number, code: string): Promise<void> {
    if (TEMPORARY.includes(code)) return;
    for (const place of [...this.#told.values()]) {
      if (place.seq === seq) await this.settle(place.cid, seq, "tombstone");
    }
  }
}
