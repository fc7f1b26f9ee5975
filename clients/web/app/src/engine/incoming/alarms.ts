/** How far alarming results have come, on the server's word; acknowledged by signature only.  protocol §7 */

import { parseAcknowledgement, verifyAcknowledgement } from "@miss/core/acknowledgements.js";
import type { Statement } from "@miss/core/statements.js";
import { AcknowledgementForged } from "@miss/core/errors.js";

import type { EngineEvent } from "../api.js";
import { type AlarmChanged, AlarmState } from "../frames.js";
import { hex } from "../ids.js";
import { type LogMessage, plain } from "../model.js";
import type { Identities } from "../people/identities.js";
import type { AlarmRecord } from "../store/alarms.js";
import type { Store } from "../store/store.js";

export class Alarms {
  readonly #store: Store;
  readonly #identities: Identities;

  constructor(store: Store, identities: Identities) {
    this.#store = store;
    this.#identities = identities;
  }

  /**
   * The server tells where an alarm stands; what is to be announced of it.
   *
   * Throws AcknowledgementForged, BadAcknowledgement if it claims an acknowledgement it does not prove.
   */
  async take(frame: AlarmChanged): Promise<readonly EngineEvent[]> {
    const message = this.#store.messages.find(frame.cid, frame.seq);
    if (message === null || message.alarm === null) return []; // its message comes first, and heads tell again
    if (frame.state === AlarmState.ACKNOWLEDGED) {
      const signed = await this.#verify(message, frame);
      return this.#store.transaction(() => this.#complete(message, signed));
    }
    const { cid, seq, state, uid } = frame;
    const record: AlarmRecord = { state, asked: uid, acknowledgement: null };
    return this.#store.transaction(() => {
      if (!this.#store.alarms.put(cid, seq, record)) return [];
      const now = plain(this.#store.messages.find(cid, seq) ?? message);
      if (state === AlarmState.ESCALATED && uid !== null) return [{ kind: "alarm", message: now, how: "escalated" }];
      return state === AlarmState.EXHAUSTED ? [{ kind: "alarm", message: now, how: "exhausted" }] : [];
    });
  }

  #complete(message: LogMessage, signed: Statement): readonly EngineEvent[] {
    const { cid, seq } = message;
    const wasOpen = this.#store.messages.find(cid, seq)?.alarm?.state !== "acknowledged";
    const record: AlarmRecord = { state: AlarmState.ACKNOWLEDGED, asked: null, acknowledgement: signed.raw };
    if (!this.#store.alarms.complete(cid, seq, record)) return [];
    const now = plain(this.#store.messages.find(cid, seq) ?? message);
    const changed: EngineEvent = { kind: "messageChanged", message: now, by: hex(signed.uid), how: "ack" };
    return wasOpen ? [changed, { kind: "alarm", message: now, how: "acknowledged" }] : [changed];
  }

  /** Signed by a member who is not the author, about this very envelope. */
  async #verify(message: LogMessage, frame: AlarmChanged): Promise<Statement> {
    const signed = parseAcknowledgement(frame.ack ?? new Uint8Array());
    const uid = hex(signed.uid);
    const isAsked = uid !== message.uid && this.#store.conversations.wasMember(frame.cid, uid);
    const isAbout =
      hex(signed.cid) === frame.cid &&
      signed.seq === frame.seq &&
      hex(signed.envHash) === this.#store.messages.envHashAt(frame.cid, frame.seq);
    if (!isAbout || !isAsked) throw new AcknowledgementForged({ seq: frame.seq });
    return verifyAcknowledgement(signed.raw, await this.#identities.get(uid));
  }
}
