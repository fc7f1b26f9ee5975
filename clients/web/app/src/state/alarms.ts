/**
 * An alarming result: whose turn it is, how long is left, who may take charge.  protocol §7, Alarms
 *
 * Until `ackByMs` any member but the author may; then the persons named, one after the other, each for the same delay.
 */
import type { Alarm, Message, Ms, Uid } from "../engine/api.js";

export type AlarmTone = "waiting" | "late" | "over" | "done";

/** Somebody has signed for it. */
export function isClosed(alarm: Alarm): boolean {
  return alarm.acknowledgedBy !== null;
}

/** What colour it has: `late` once its time has passed or the next person is asked, `over` when nobody is left. */
export function toneOf(alarm: Alarm, now: Ms): AlarmTone {
  if (isClosed(alarm)) return "done";
  if (alarm.state === "exhausted") return "over";
  return alarm.state === "escalated" || now >= alarm.ackByMs ? "late" : "waiting";
}

/** When the time of who is asked now ends; null: nobody is waited for any more. */
export function deadlineOf(message: Message, now: Ms): Ms | null {
  const { alarm } = message;
  if (!alarm || isClosed(alarm) || alarm.state === "exhausted") return null;
  const delay = alarm.ackByMs - message.depositedAtMs;
  const turn = alarm.asked === null ? -1 : alarm.nextUids.indexOf(alarm.asked);
  const ends = alarm.ackByMs + (turn + 1) * Math.max(delay, 0);
  return ends > now ? ends : null;
}

/** True if this person may sign for it: any member but its author, at any time. */
export function mayAcknowledge(message: Message, own: Uid, isMember: boolean): boolean {
  return message.alarm !== null && isMember && message.uid !== own && !isClosed(message.alarm) && !message.isDeleted;
}

/** Those that wait for an answer of this person, the most pressing first. */
export function pressing(alarms: readonly Message[], own: Uid): readonly Message[] {
  return alarms
    .filter((message) => message.alarm !== null && !isClosed(message.alarm) && message.uid !== own && !message.isDeleted)
    .toSorted((a, b) => (a.alarm?.ackByMs ?? 0) - (b.alarm?.ackByMs ?? 0));
}

/** The delays a sender chooses from. */
export const DELAYS_MIN: readonly number[] = [15, 30, 60, 120, 240, 720, 1440];
