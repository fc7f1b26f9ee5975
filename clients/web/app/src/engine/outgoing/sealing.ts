/** Messages of the outbox made into envelopes, under the epoch in force.  protocol §3 */

import { type Alarm, type Body, sealEnvelope } from "@miss/core/envelopes.js";

import type { Epochs } from "../epochs.js";
import { unhex, unhexOrNull } from "../ids.js";
import type { Logbook } from "../incoming/logbook.js";
import type { Platform } from "../platform.js";
import type { DeviceRecord } from "../store/device.js";
import type { Draft, OutboxEntry } from "../store/outbox.js";
import type { Store } from "../store/store.js";

export class Sealing {
  readonly #platform: Platform;
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #epochs: Epochs;
  readonly #logbook: Logbook;

  constructor(platform: Platform, store: Store, device: DeviceRecord, epochs: Epochs, logbook: Logbook) {
    this.#platform = platform;
    this.#store = store;
    this.#device = device;
    this.#epochs = epochs;
    this.#logbook = logbook;
  }

  /**
   * The next envelope of a message whose attachments are uploaded.
   *
   * Throws as `Epochs.writable`, EnvelopeTooLarge, BadBody.
   */
  seal(entry: OutboxEntry): Uint8Array {
    const { commit, es } = this.#epochs.writable(entry.cid);
    return sealEnvelope({
      es,
      commit,
      did: unhex(this.#device.did),
      ik: this.#device.keys.ik,
      body: this.#body(entry),
      randomBytes: this.#platform.randomBytes,
      n: 0,
      alarm: alarmOf(entry.draft),
    });
  }

  #body({ cid, draft, mid }: OutboxEntry): Body {
    const blobs = this.#store.outbox.blobIds(mid);
    if (blobs.length !== draft.attachments.length) throw new TypeError("every file is uploaded before it is named");
    const seen = this.#logbook.seen(cid);
    return {
      mid: unhex(mid),
      ts: draft.tsMs,
      type: draft.type,
      text: draft.text,
      reply: unhexOrNull(draft.reply),
      att: draft.attachments.map((one, at) => ({ ...one, blob: unhex(blobs[at] ?? "") })),
      seen: seen === null ? null : { seq: seen.seq, log: unhex(seen.log) },
      urgent: draft.urgent,
      mentions: draft.mentions.map(unhex),
    };
  }
}

function alarmOf({ ackByMs, nextUids }: Draft): Alarm | null {
  return ackByMs === null ? null : { ackBy: ackByMs, nextUids: nextUids.map(unhex) };
}
