/**
 * What this device sends again of its own: messages under the same identifier, deletions, acknowledgements.  protocol §5
 *
 * A file is not kept here once it was sent, so a message with one is not sent again by itself: it is shown as lost.
 */

import { parseAcknowledgement } from "@miss/core/acknowledgements.js";
import { composeTombstone } from "@miss/core/tombstones.js";

import { type Cid, hex, type Ms, unhex } from "../ids.js";
import type { LogMessage } from "../model.js";
import type { DeviceRecord } from "../store/device.js";
import type { Draft } from "../store/outbox.js";
import type { Store } from "../store/store.js";

/** More than anybody says about one conversation in the time of a restore. */
const MOST = 10_000;

/**
 * Put this device's own lost messages into the outbox, before what waits there; how many.
 *
 * Inside the transaction that found them lost, so that they are sent once whatever happens meanwhile.
 */
export function resendLost(store: Store, device: DeviceRecord, cid: Cid, restoration: number, nowMs: Ms): number {
  const drafts = store.lost.list(cid).flatMap(({ message, resent, restoration: by }) => {
    const { did, isDeleted, mid, parts } = message;
    const canBeSent = by === restoration && did === device.did && !resent && !isDeleted && parts.length === 0;
    return canBeSent && mid !== null ? [[mid, draftOf(message, nowMs)] as const] : [];
  });
  store.outbox.addFirst(cid, drafts);
  for (const [mid] of drafts) store.lost.markResent(cid, mid);
  return drafts.length;
}

/** The message as it was written, with its date; an alarm whose time is over is an urgent message. */
function draftOf({ alarm, mentions, reply, sentAtMs, text, type, urgent }: LogMessage, nowMs: Ms): Draft {
  const waits = alarm !== null && alarm.ackByMs > nowMs;
  return {
    ...{ tsMs: sentAtMs, type, text, reply, attachments: [], mentions },
    urgent: urgent || (alarm !== null && !waits),
    ackByMs: waits ? alarm.ackByMs : null,
    nextUids: waits ? alarm.nextUids : [],
  };
}

/** Say again what this person's devices said since then of what the server still has; a second time does no harm. */
export function repeatStatements(store: Store, device: DeviceRecord, cid: Cid, sinceMs: Ms, nowMs: Ms): void {
  for (const message of store.messages.list(cid, null, MOST)) {
    const { seq } = message;
    const acknowledgement = store.alarms.find(cid, seq)?.acknowledgement ?? null;
    if (message.isMine && message.deletedAtMs !== null && message.deletedAtMs >= sinceMs) {
      store.statements.add({ cid, seq, kind: "tombstone", signed: bury(store, device, message, nowMs) });
    } else if (acknowledgement !== null) {
      const { tsMs, uid } = parseAcknowledgement(acknowledgement);
      if (hex(uid) === device.uid && tsMs >= sinceMs) {
        store.statements.add({ cid, seq, kind: "acknowledgement", signed: acknowledgement });
      }
    }
  }
}

function bury(store: Store, { did, keys, uid }: DeviceRecord, { cid, seq }: LogMessage, tsMs: Ms): Uint8Array {
  const envHash = unhex(store.messages.envHashAt(cid, seq) ?? "");
  return composeTombstone({ cid: unhex(cid), seq, envHash, uid: unhex(uid), did: unhex(did), tsMs }, keys.ik).raw;
}
