/**
 * Notifications while MiSS is open and out of sight, with no more in them than this browser's owner chose.
 *
 * One for each conversation: a new one takes the place of the one before, and it goes when the conversation was read,
 * wherever that was.  Only the leading tab gives any, and none while another is in front.
 */

import type { Conversation, Engine, EngineEvent, Message } from "../engine/api.js";
import type { ShellTexts } from "../texts/shell.js";
import { isLookedAt } from "./looking.js";
import type { NotificationLevel } from "./preferences.js";

export interface Shown {
  readonly title: string;
  readonly body: string;
}

const LONGEST_BODY = 180;

/** What a notification says of a message at a level; null: none is given. */
export function notificationOf(message: Message, sender: string, level: NotificationLevel, t: ShellTexts["notify"]): Shown | null {
  const isQuiet = message.isMine || message.isDeleted || message.refused !== "" || message.type !== "text";
  if (level === "off" || isQuiet) return null;
  const plain = message.alarm ? t.alarm : message.urgent ? t.urgent : t.plain;
  if (level === "nothing" || !sender) return { title: plain, body: "" };
  if (level === "name") return { title: plain, body: t.from(sender) };
  const text = message.text || (message.attachments.length > 0 ? t.photo : "");
  const isUsual = plain === t.plain;
  const body = [...text].slice(0, LONGEST_BODY).join("");
  return { title: isUsual ? sender : `${plain} · ${sender}`, body };
}

export interface Place {
  readonly tag: string;
  readonly cid: string;
  readonly isUrgent: boolean;
}

/** Follow an engine; `settings` is asked at each message.  The answer stops it. */
export function notify(engine: Engine, settings: () => { level: NotificationLevel; t: ShellTexts["notify"] }): () => void {
  const tell = async (event: EngineEvent): Promise<void> => {
    if (event.kind === "message") await tellOf(event.message);
    if (event.kind === "alarm" && event.how === "escalated") await tellOf(event.message);
    if (event.kind === "message" || event.kind === "conversation") await count();
  };
  const tellOf = async (message: Message): Promise<void> => {
    if (await isLookedAt(navigator.locks)) return;
    const conversation = await engine.conversation(message.cid);
    if (conversation.muted && !message.urgent && !message.alarm) return;
    const { level, t } = settings();
    const shown = notificationOf(message, nameIn(conversation, message), level, t);
    if (shown) await show(shown, { tag: message.cid, cid: message.cid, isUrgent: message.urgent || message.alarm !== null });
  };
  const count = async (): Promise<void> => {
    const all = await engine.conversations();
    const unread = all.filter((one) => !one.muted).reduce((sum, one) => sum + one.unread, 0);
    await setBadge(unread);
    await clear(all);
  };
  // A notification that fails is lost; the message is not.
  return engine.subscribe((event) => void tell(event).catch(() => undefined));
}

/** What was read needs no notification any more. */
async function clear(conversations: readonly Conversation[]): Promise<void> {
  const unread = new Set(conversations.filter((one) => one.unread > 0).map((one) => one.cid));
  const shown = (await (await registered())?.getNotifications()) ?? [];
  for (const one of shown) {
    const { cid } = (one.data ?? {}) as { cid?: string };
    if (cid && !unread.has(cid)) one.close();
  }
}

async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  return (navigator as Partial<Navigator>).serviceWorker?.getRegistration();
}

function nameIn(conversation: Conversation, message: Message): string {
  const who = conversation.members.find((member) => member.uid === message.uid)?.who;
  return who ? `${who.given} ${who.family}` : "";
}

/** Show one; false if this browser may not or cannot. */
export async function show({ title, body }: Shown, { tag, cid, isUrgent }: Place): Promise<boolean> {
  if (permission() !== "granted") return false;
  const options: NotificationOptions & { renotify?: boolean } = {
    ...{ body, tag, icon: "icons/miss-192.png", badge: "icons/miss-192.png" },
    ...{ requireInteraction: isUrgent, renotify: true, data: { cid } },
  };
  const registration = await registered();
  if (!registration) return false;
  await registration.showNotification(title, options);
  return true;
}

/** "unsupported" where there are none. */
export function permission(): NotificationPermission | "unsupported" {
  return "Notification" in globalThis ? Notification.permission : "unsupported";
}

async function setBadge(unread: number): Promise<void> {
  if ("setAppBadge" in navigator) await (unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge());
}
