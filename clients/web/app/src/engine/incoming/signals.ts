/** Frames that are no messages: deletions, alarms, who is there, who is writing, refusals without a request.  §7 */

import type { Announcer } from "../announcer.js";
import type { EngineEvent, Presence as PresenceName } from "../api.js";
import type { AlarmChanged, Del, Err, Presence, Typing } from "../frames.js";
import type { Cid } from "../ids.js";
import type { DeviceRecord } from "../store/device.js";
import type { StatementKind } from "../store/statements.js";
import type { Alarms } from "./alarms.js";
import type { Deletions } from "./deletions.js";

/** What this device signed and waits to have confirmed: `outgoing/statements`. */
export interface Settling {
  settle(cid: Cid, seq: number, kind: StatementKind): Promise<void> | void;
  takeRefusal(seq: number, code: string): Promise<void> | void;
}

/** By number; what a client says of itself. */
export const PRESENCES: readonly PresenceName[] = ["away", "present", "do_not_disturb", "on_duty"];

/** Each to whom it concerns, then announced. */
export class Signals {
  readonly #device: DeviceRecord;
  readonly #deletions: Deletions;
  readonly #alarms: Alarms;
  readonly #statements: Settling;
  readonly #announcer: Announcer;

  constructor(device: DeviceRecord, deletions: Deletions, alarms: Alarms, statements: Settling, announcer: Announcer) {
    this.#device = device;
    this.#deletions = deletions;
    this.#alarms = alarms;
    this.#statements = statements;
    this.#announcer = announcer;
  }

  /** Throws what a forged tombstone or acknowledgement is refused with. */
  async take(signal: Del | AlarmChanged | Typing | Presence | Err): Promise<void> {
    this.#announcer.announceAll(await this.#news(signal));
  }

  async #news(signal: Del | AlarmChanged | Typing | Presence | Err): Promise<readonly EngineEvent[]> {
    switch (signal.kind) {
      case "del": {
        const { cid, seq, uid } = signal;
        const news = await this.#deletions.take(signal);
        if (uid === this.#device.uid) await this.#statements.settle(cid, seq, "tombstone");
        return news;
      }
      case "alarm":
        return this.#alarms.take(signal);
      case "typing": {
        const { cid, uid, on } = signal;
        return uid === null ? [] : [{ kind: "typing", cid, uid, on }];
      }
      case "presence": {
        const presence = PRESENCES[signal.state];
        return signal.uid === null || presence === undefined ? [] : [{ kind: "presence", uid: signal.uid, presence }];
      }
      case "err":
        if (signal.seq !== null) await this.#statements.takeRefusal(signal.seq, signal.code);
        return [];
    }
  }
}
