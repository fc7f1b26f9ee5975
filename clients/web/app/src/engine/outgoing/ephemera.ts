/** Who is writing, who is there: told once, never stored, lost without harm.  protocol §7 */

import type { Presence } from "../api.js";
import type { Connection } from "../connection.js";
import { NotConnected } from "../errors.js";
import type { Report } from "../frames.js";
import type { Cid } from "../ids.js";
import type { Platform } from "../platform.js";

/** « Is writing » is said again after this long, and counts for somewhat longer. */
const TYPING_MS = 5000;
/** In the order of their numbers on the wire. */
export const PRESENCES: readonly Presence[] = ["away", "present", "do_not_disturb", "on_duty"];

/** What this person says of themselves. */
export class Ephemera {
  readonly #platform: Platform;
  readonly #connection: Connection;
  /** Where this person is writing, and when that was last said. */
  readonly #typing = new Map<Cid, number>();
  #presence: Presence | null = null;

  constructor(platform: Platform, connection: Connection) {
    this.#platform = platform;
    this.#connection = connection;
  }

  /** A new connection: who is there is said again. */
  restart(): void {
    this.#typing.clear();
    if (this.#presence !== null) this.setPresence(this.#presence);
  }

  /** Say that this person began or stopped to write; may be called at every key. */
  typing(cid: Cid, on: boolean): void {
    const nowMs = this.#platform.monotonicMs();
    const saidMs = this.#typing.get(cid);
    if (on && (saidMs === undefined || nowMs - saidMs >= TYPING_MS)) {
      this.#typing.set(cid, nowMs);
      this.#say({ kind: "typing", cid, on, uid: null });
    } else if (!on && this.#typing.delete(cid)) {
      this.#say({ kind: "typing", cid, on, uid: null });
    }
  }

  /** Say it now, and on every new connection. */
  setPresence(presence: Presence): void {
    this.#presence = presence;
    this.#say({ kind: "presence", state: PRESENCES.indexOf(presence), uid: null });
  }

  #say(frame: Report): void {
    try {
      this.#connection.report(frame);
    } catch (error) {
      if (!(error instanceof NotConnected)) throw error;
    }
  }
}
