/** Why a browser cannot be woken, and how it is kept, on stand-ins for engine and browser. */
import { describe, expect, test } from "vitest";

import { type Engine, EngineError, type PushSubscriptionKeys } from "../engine/api.js";
import { isWantedHere, type PushChoices, type PushPlatform, PushSettings } from "./push.js";

const KEY = new Uint8Array(65).fill(4);
const CHOICES: PushChoices = { language: "fr", isQuiet: false, isShared: false };

class Server {
  key: Uint8Array | null = KEY;
  registered: PushSubscriptionKeys | null = null;
  outcome: "accepted" | "gone" | "busy" = "accepted";
  onTest = (): void => undefined;

  readonly engine = {
    owner: async () => ({ did: "d1" }),
    conversations: async () => [{ cid: "c1", muted: true }, { cid: "c2", muted: false }],
    pushState: async (endpoint: string) => ({ key: this.key, isRegistered: this.registered?.endpoint === endpoint }),
    registerPush: async (keys: PushSubscriptionKeys) => {
      if (this.key === null) throw new EngineError("push_off");
      this.registered = keys;
    },
    removePush: async () => {
      this.registered = null;
    },
    testPush: async () => {
      this.onTest();
      return this.outcome;
    },
  } as unknown as Engine;
}

class Browser {
  permission: NotificationPermission = "granted";
  manager: object | undefined = {};
  subscription: { endpoint: string; options: { applicationServerKey: ArrayBuffer } } | null = null;
  count = 0;
  readonly kept = new Map<string, string>();
  readonly listeners = new Set<() => void>();

  platform(changes: Partial<PushPlatform> = {}): PushPlatform {
    const manager = {
      getSubscription: async () => this.subscription,
      subscribe: async ({ applicationServerKey }: { applicationServerKey: ArrayBuffer }) => {
        this.count += 1;
        this.subscription = Object.assign(
          { endpoint: `https://push.example/${this.count}`, options: { applicationServerKey } },
          {
            getKey: () => new Uint8Array(16).buffer,
            unsubscribe: async () => {
              this.subscription = null;
              return true;
            },
          },
        );
        return this.subscription;
      },
    };
    const registration = { pushManager: this.manager && manager, getNotifications: async () => [] };
    return {
      registration: async () => registration as unknown as ServiceWorkerRegistration,
      permission: () => this.permission,
      askPermission: async () => this.permission,
      isApple: false,
      isInstalled: false,
      storage: { getItem: (name) => this.kept.get(name) ?? null, setItem: (name, value) => void this.kept.set(name, value) },
      caches: undefined,
      onWake: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
      nowMs: () => 1000,
      ...changes,
    };
  }
}

function both(changes: Partial<PushPlatform> = {}) {
  const [server, browser] = [new Server(), new Browser()];
  return { server, browser, settings: () => new PushSettings(server.engine, browser.platform(changes)) };
}

describe("how it stands", () => {
  test("each reason has its name, the person's own first", async () => {
    const { server, browser, settings } = both();
    expect(await settings().standing({ ...CHOICES, isShared: true })).toBe("shared");
    expect(await settings().standing({ ...CHOICES, isQuiet: true })).toBe("quiet");
    expect(await settings().standing(CHOICES)).toBe("off");
    browser.permission = "denied";
    expect(await settings().standing(CHOICES)).toBe("denied");
    server.key = null;
    expect(await settings().standing(CHOICES)).toBe("server_off");
    browser.manager = undefined;
    expect(await settings().standing(CHOICES)).toBe("unsupported");
  });

  test("on an iPhone it is the installation that is missing", async () => {
    const { browser } = both();
    browser.manager = undefined;
    const { engine } = new Server();
    expect(await new PushSettings(engine, browser.platform({ isApple: true })).standing(CHOICES)).toBe("apple");
    const installed = browser.platform({ isApple: true, isInstalled: true });
    expect(await new PushSettings(engine, installed).standing(CHOICES)).toBe("unsupported");
  });
});

describe("turning it on and off", () => {
  test("the server learns the address and what is muted; off forgets both sides", async () => {
    const { server, browser, settings } = both();
    expect(await settings().turnOn(CHOICES)).toBe(true);
    expect(server.registered).toMatchObject({ endpoint: "https://push.example/1", muted: ["c1"], key: KEY });
    expect(await settings().standing(CHOICES)).toBe("on");
    expect(isWantedHere({ getItem: (name) => browser.kept.get(name) ?? null })).toBe(true);
    await settings().turnOff();
    expect([server.registered, browser.subscription]).toEqual([null, null]);
    expect(await settings().standing(CHOICES)).toBe("off");
    await settings().keep(CHOICES);
    expect(server.registered).toBeNull();
  });

  test("without permission nothing is registered", async () => {
    const { server, browser, settings } = both();
    browser.permission = "denied";
    expect(await settings().turnOn(CHOICES)).toBe(false);
    expect(server.registered).toBeNull();
  });
});

describe("keeping it", () => {
  test("what the server or the browser lost is made good, and a new key is subscribed to", async () => {
    const { server, browser, settings } = both();
    await settings().turnOn(CHOICES);
    server.registered = null;
    await settings().keep(CHOICES);
    expect(server.registered).toMatchObject({ endpoint: "https://push.example/1" });
    browser.subscription = null;
    await settings().keep(CHOICES);
    expect(server.registered).toMatchObject({ endpoint: "https://push.example/2" });
    server.key = new Uint8Array(65).fill(5);
    await settings().keep(CHOICES);
    expect(server.registered).toMatchObject({ endpoint: "https://push.example/3", key: server.key });
  });

  test("whoever wants no notification, or shares the browser, is not woken meanwhile", async () => {
    const { server, settings } = both();
    for (const change of [{ isQuiet: true }, { isShared: true }]) {
      await settings().turnOn(CHOICES);
      await settings().keep({ ...CHOICES, ...change });
      expect(server.registered).toBeNull();
      await settings().keep(CHOICES);
      expect(server.registered).not.toBeNull();
    }
  });

  test("what is kept and cannot be read is nothing", () => {
    for (const kept of ["{", "3", '{"d1":1}', "[4]"]) expect(isWantedHere({ getItem: () => kept })).toBe(false);
  });
});

describe("trying it", () => {
  test("an arrival is timed, a refusal is named, an address that was over is renewed", async () => {
    const { server, browser, settings } = both();
    await settings().turnOn(CHOICES);
    server.onTest = () => browser.listeners.forEach((listener) => listener());
    expect(await settings().tryOut(CHOICES)).toEqual({ arrivedMs: 0 });
    expect(browser.listeners.size).toBe(0);
    server.outcome = "busy";
    expect(await settings().tryOut(CHOICES)).toEqual({ failed: "busy" });
    server.outcome = "gone";
    expect(await settings().tryOut(CHOICES)).toEqual({ failed: "gone" });
    expect(server.registered).toMatchObject({ endpoint: "https://push.example/2" });
  });
});
