/**
 * The engine of the leading tab, used from another tab: calls and answers as messages of a BroadcastChannel.
 *
 * A following tab holds no key and opens no store.  Whoever calls while nobody leads is answered `tab_gone`, as it is
 * when the leading tab ends before it has answered: a call that writes may then have happened or not, and the events
 * that follow show which.
 */

import type { Engine, EngineEvent } from "../engine/api.js";
import { EngineError } from "../engine/api.js";

/** What travels between tabs. */
export type TabMessage =
  | { readonly kind: "call"; readonly from: string; readonly id: number; readonly name: string; readonly args: unknown[] }
  | { readonly kind: "answer"; readonly to: string; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly to: string; readonly id: number; readonly code: string; readonly params: Params }
  | { readonly kind: "event"; readonly event: EngineEvent }
  | { readonly kind: "leads"; readonly isOpen: boolean }
  | { readonly kind: "who" | "yield" | "active" | "lock" };
type Params = Readonly<Record<string, string | number>>;

/** What this module needs of a BroadcastChannel. */
export type Channel = Pick<BroadcastChannel, "postMessage" | "addEventListener" | "removeEventListener">;

const ANSWER_WITHIN_MS = 120_000;

/** Answer the other tabs with `engine`, until the answer is called. */
export function serveEngine(channel: Channel, engine: Engine): () => void {
  const hear = ({ data }: MessageEvent<TabMessage>): void => {
    if (data.kind === "who") tell(channel, { kind: "leads", isOpen: true });
    if (data.kind === "call") void answer(channel, engine, data);
  };
  channel.addEventListener("message", hear);
  const quiet = engine.subscribe((event) => tell(channel, { kind: "event", event }));
  tell(channel, { kind: "leads", isOpen: true });
  return () => {
    quiet();
    channel.removeEventListener("message", hear);
    tell(channel, { kind: "leads", isOpen: false });
  };
}

/** Say something to every other tab. */
export function tell(channel: Pick<Channel, "postMessage">, message: TabMessage): void {
  channel.postMessage(message);
}

async function answer(channel: Channel, engine: Engine, call: TabMessage & { kind: "call" }): Promise<void> {
  const { from: to, id } = call;
  try {
    const method = Reflect.get(engine, call.name) as ((...args: unknown[]) => unknown) | undefined;
    if (typeof method !== "function" || !CALLS.has(call.name)) throw new EngineError("bad_call", { name: call.name });
    tell(channel, { kind: "answer", to, id, value: await method.apply(engine, call.args) });
  } catch (error) {
    const { code, params } = error instanceof EngineError ? error : new EngineError("internal");
    tell(channel, { kind: "refusal", to, id, code, params });
  }
}

/** Everything another tab may ask; closing is the leader's own affair. */
const CALLS: ReadonlySet<string> = new Set<keyof Engine>([
  "owner", "connectionState", "hurry", "conversations", "conversation", "messages", "message", "markRead", "deliveredTo",
  "readBy", "search", "incidents", "lostMessages", "restorations", "openAlarms", "sendText", "sendFile", "sendAlarm", "acknowledge", "edit", "delete",
  "react", "withdrawReaction", "saveDraft", "outgoing", "retry", "discard", "fetchFile", "cancelFile", "thumbnail", "typing",
  "setPresence", "tellsReading", "setTellsReading", "setMarks", "directory", "identity", "createConversation", "rename", "addMember", "removeMember",
  "setRole", "setPolicy", "leave", "exportProof", "warnings", "acceptContact", "safetyWords", "safetyQr",
  "compareSafety", "isVerified", "setVerified", "devices", "renameDevice", "revokeDevice", "invite", "inviteOffer",
  "inviteAccept", "inviteCancel", "recovery", "prepareRecovery", "prepareRecoveryMethod", "addRecoveryPasskey",
  "confirmRecovery", "testRecovery", "lockLimit", "askLockLimit", "pushState", "registerPush", "removePush", "testPush",
]);

/** The engine of whoever leads, from here; `onLeader` is told whether it is open. */
export function followEngine(channel: Channel, onLeader: (isOpen: boolean) => void): Engine {
  const self = crypto.randomUUID();
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const listeners = new Set<(event: EngineEvent) => void>();
  let count = 0;

  const hear = ({ data }: MessageEvent<TabMessage>): void => {
    if (data.kind === "event") for (const listener of [...listeners]) listener(data.event);
    if (data.kind === "answer" && data.to === self) open.get(data.id)?.resolve(data.value);
    if (data.kind === "refusal" && data.to === self) open.get(data.id)?.reject(new EngineError(data.code, data.params));
    if (data.kind === "leads") {
      if (!data.isOpen) for (const waiting of [...open.values()]) waiting.reject(new EngineError("tab_gone"));
      onLeader(data.isOpen);
    }
  };
  channel.addEventListener("message", hear);

  async function call(name: string, args: unknown[]): Promise<unknown> {
    count += 1;
    const id = count;
    const timer = setTimeout(() => open.get(id)?.reject(new EngineError("tab_gone")), ANSWER_WITHIN_MS);
    try {
      return await new Promise((resolve, reject) => {
        open.set(id, { resolve, reject });
        tell(channel, { kind: "call", from: self, id, name, args });
      });
    } finally {
      clearTimeout(timer);
      open.delete(id);
    }
  }

  const own = {
    subscribe(listener: (event: EngineEvent) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close(): Promise<void> {
      channel.removeEventListener("message", hear);
      listeners.clear();
      return Promise.resolve();
    },
  };
  tell(channel, { kind: "who" });
  // A thenable would be called by whoever awaits the engine: unknown names are absent.
  return new Proxy(own, {
    get: (target, name) => {
      if (Object.hasOwn(target, name)) return Reflect.get(target, name) as unknown;
      return typeof name === "string" && CALLS.has(name) ? (...args: unknown[]) => call(name, args) : undefined;
    },
  }) as Engine;
}
