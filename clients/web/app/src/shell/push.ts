/**
 * Waking this browser while MiSS is closed: whether it can be had, turning it on and off, keeping it, trying it.
 *
 * The server sends one constant wake-up and nothing else; what the service worker shows for it stands in `worker/`.  A
 * person turns it on for each device; the choice is kept here, and what the server has is made good at each start.
 * Fetched when it is wanted: in the settings, or at the start of somebody who has it on.
 */

import type { Engine, PushOutcome } from "../engine/api.js";
import type { Language } from "../texts/language.js";

/** Why it cannot be had here, or how it stands. */
export type PushStanding = "server_off" | "apple" | "unsupported" | "shared" | "quiet" | "denied" | "off" | "on";

/** What a trial came to: `arrivedMs` of an arrival, or the leg that failed. */
export type Trial = { readonly arrivedMs: number } | { readonly failed: "lost" | Exclude<PushOutcome, "accepted"> };

/** What of a browser is needed; tests bring their own. */
export interface PushPlatform {
  readonly registration: () => Promise<ServiceWorkerRegistration | undefined>;
  readonly permission: () => NotificationPermission | "unsupported";
  readonly askPermission: () => Promise<NotificationPermission>;
  readonly isApple: boolean;
  readonly isInstalled: boolean;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  readonly caches: Pick<CacheStorage, "open"> | undefined;
  /** Called at each wake-up that reaches the service worker; the answer stops it. */
  readonly onWake: (listener: () => void) => () => void;
  readonly nowMs: () => number;
}

/** What the person chose that bears on it. */
export interface PushChoices {
  readonly language: Language;
  readonly isQuiet: boolean;
  readonly isShared: boolean;
}

const PLACE = "miss.push";
/** Where the service worker finds what it may say: the page's own storage is closed to it. */
export const WORDS_CACHE = "push-words";
export const WORDS_URL = "./push-words.json";
export const WAKE_TAG = "miss-wake";
const LOST_AFTER_MS = 15_000;

export class PushSettings {
  readonly #engine: Engine;
  readonly #platform: PushPlatform;

  constructor(engine: Engine, platform: PushPlatform) {
    this.#engine = engine;
    this.#platform = platform;
  }

  /** How it stands on this device. */
  async standing(choices: PushChoices): Promise<PushStanding> {
    if (choices.isShared) return "shared";
    const manager = await this.#manager();
    if (!manager) return this.#platform.isApple && !this.#platform.isInstalled ? "apple" : "unsupported";
    if (choices.isQuiet) return "quiet";
    const subscription = await manager.getSubscription();
    const { key, isRegistered } = await this.#engine.pushState(subscription?.endpoint ?? "");
    if (key === null) return "server_off";
    if (this.#platform.permission() === "denied") return "denied";
    return isRegistered && (await this.isWanted()) ? "on" : "off";
  }

  /** Ask for permission, subscribe, tell the server.  Throws as `Engine.registerPush`; false if it was not allowed. */
  async turnOn(choices: PushChoices): Promise<boolean> {
    if ((await this.#platform.askPermission()) !== "granted") return false;
    await this.#register(choices);
    await this.#want(true);
    return true;
  }

  async turnOff(): Promise<void> {
    await this.#want(false);
    await this.#engine.removePush();
    await (await (await this.#manager())?.getSubscription())?.unsubscribe();
  }

  /** Make good what was lost while it was closed, or what has changed: the browser's address, the server's key, mutes. */
  async keep(choices: PushChoices): Promise<void> {
    await this.#clear();
    if (!(await this.isWanted())) return;
    if (choices.isQuiet || choices.isShared) await this.#engine.removePush();
    else if (this.#platform.permission() === "granted") await this.#register(choices);
  }

  /** Have the server send one wake-up, and wait for it. */
  async tryOut(choices: PushChoices): Promise<Trial> {
    const begunMs = this.#platform.nowMs();
    let stop = (): void => undefined;
    const arrival = new Promise<Trial>((resolve) => {
      stop = this.#platform.onWake(() => resolve({ arrivedMs: this.#platform.nowMs() - begunMs }));
    });
    try {
      const outcome = await this.#engine.testPush();
      if (outcome === "gone") await this.#register(choices, true);
      if (outcome !== "accepted") return { failed: outcome };
      return await Promise.race([arrival, after<Trial>(LOST_AFTER_MS, { failed: "lost" })]);
    } finally {
      stop();
    }
  }

  /** True if this device's owner has turned it on here. */
  async isWanted(): Promise<boolean> {
    return wantedBy(this.#platform.storage).includes((await this.#engine.owner()).did);
  }

  async #want(isWanted: boolean): Promise<void> {
    const { did } = await this.#engine.owner();
    const others = wantedBy(this.#platform.storage).filter((one) => one !== did);
    this.#platform.storage.setItem(PLACE, JSON.stringify(isWanted ? [...others, did] : others));
  }

  async #register(choices: PushChoices, isAnew = false): Promise<void> {
    const manager = await this.#manager();
    if (!manager) return;
    let subscription = await manager.getSubscription();
    const { key } = await this.#engine.pushState(subscription?.endpoint ?? "");
    if (key === null) return;
    if (subscription && (isAnew || !isSame(subscription.options.applicationServerKey, key))) {
      await subscription.unsubscribe();
      subscription = null;
    }
    subscription ??= await manager.subscribe({ userVisibleOnly: true, applicationServerKey: bufferOf(key) });
    const [p256dh, auth] = [subscription.getKey("p256dh"), subscription.getKey("auth")];
    if (!p256dh || !auth) return;
    await this.#tellWorker(choices);
    await this.#engine.registerPush({
      endpoint: subscription.endpoint,
      p256dh: new Uint8Array(p256dh),
      auth: new Uint8Array(auth),
      key,
      muted: (await this.#engine.conversations()).filter((one) => one.muted).map((one) => one.cid),
    });
  }

  async #tellWorker({ language }: PushChoices): Promise<void> {
    const cache = await this.#platform.caches?.open(WORDS_CACHE);
    await cache?.put(WORDS_URL, new Response(JSON.stringify({ language })));
  }

  /** What woke somebody who is here now has done its work. */
  async #clear(): Promise<void> {
    const registration = await this.#platform.registration();
    for (const shown of (await registration?.getNotifications({ tag: WAKE_TAG })) ?? []) shown.close();
  }

  async #manager(): Promise<PushManager | undefined> {
    return (await this.#platform.registration())?.pushManager as PushManager | undefined;
  }
}

/** True if anybody in this browser has turned it on: cheap, without an engine. */
export function isWantedHere(storage: Pick<Storage, "getItem">): boolean {
  return wantedBy(storage).length > 0;
}

function wantedBy(storage: Pick<Storage, "getItem">): readonly string[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(PLACE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function isSame(bound: ArrayBuffer | null, key: Uint8Array): boolean {
  if (bound === null || bound.byteLength !== key.length) return false;
  return new Uint8Array(bound).every((byte, at) => byte === key[at]);
}

function bufferOf(key: Uint8Array): ArrayBuffer {
  return new Uint8Array(key).buffer;
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}

/** This browser. */
export function browserPush(page: Window & typeof globalThis): PushPlatform {
  const { navigator } = page as { navigator: Partial<Navigator> };
  const worker = navigator.serviceWorker;
  return {
    registration: async () => worker?.getRegistration(),
    permission: () => ("Notification" in page ? Notification.permission : "unsupported"),
    askPermission: async () => ("Notification" in page ? Notification.requestPermission() : "denied"),
    isApple: /iPhone|iPad/.test(navigator.userAgent ?? "") || (navigator.maxTouchPoints ?? 0) > 1 && /Macintosh/.test(navigator.userAgent ?? ""),
    isInstalled: page.matchMedia("(display-mode: standalone)").matches,
    storage: page.localStorage,
    caches: "caches" in page ? page.caches : undefined,
    onWake: (listener) => {
      const hear = ({ data }: MessageEvent<{ kind?: string }>): void => {
        if (data.kind === "wake") listener();
      };
      worker?.addEventListener("message", hear);
      return () => worker?.removeEventListener("message", hear);
    },
    nowMs: () => performance.now(),
  };
}
