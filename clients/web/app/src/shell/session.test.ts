import { afterEach, describe, expect, test } from "vitest";

import type { Engine, Enrolment } from "../engine/api.js";
import { EngineError } from "../engine/api.js";
import type { Account } from "../engine/store/keys.js";
import type { Language } from "../texts/language.js";
import { type OpenStore, type Parts, type Phase, Session } from "./session.js";
import type { Locks } from "./tabs.js";

const open: BroadcastChannel[] = [];
let rooms = 0;

function channel(): BroadcastChannel {
  const made = new BroadcastChannel(`s${rooms}`);
  open.push(made);
  return made;
}

/** The locks of one browser: one holder, the others in line. */
class OneLock {
  #line: Promise<unknown> = Promise.resolve();

  readonly request = ((_: string, options: { signal?: AbortSignal }, held: () => Promise<unknown>): Promise<unknown> => {
    const mine = this.#line.then(() => (options.signal?.aborted ? undefined : held()));
    this.#line = mine.catch(() => undefined);
    return mine;
  }) as Locks["request"];
}

/** A browser's accounts, its stores and engines, as the session sees them. */
class Browser implements Parts {
  readonly rows: Account[] = [];
  readonly pins = new Map<string, string>();
  readonly linked = new Set<string>();
  readonly log: string[] = [];

  add(name: string, pin: string | null): void {
    this.rows.push({ name, label: name, locks: pin === null ? [] : ["pin"], passkey: null, openedAtMs: 0 });
    if (pin !== null) this.pins.set(name, pin);
    this.linked.add(name);
  }

  readonly accounts: Parts["accounts"] = {
    list: () => Promise.resolve([...this.rows]),
    create: () => {
      const account: Account = { name: `new${this.rows.length}`, label: "", locks: [], passkey: null, openedAtMs: 0 };
      this.rows.push(account);
      return Promise.resolve({ account, key: new Uint8Array([7]) });
    },
    setLabel: () => Promise.resolve(),
    unlock: (name) => (this.pins.has(name) ? Promise.reject(new EngineError("account_locked")) : Promise.resolve(new Uint8Array([7]))),
    unlockWithPin: (name, pin) =>
      this.pins.get(name) === pin ? Promise.resolve(new Uint8Array([7])) : Promise.reject(new EngineError("wrong_pin")),
    unlockWithPasskey: () => Promise.reject(new EngineError("wrong_passkey")),
    setPin: (name, key, pin) => {
      expect(key).toEqual(new Uint8Array([7]));
      this.pins.set(name, pin);
      this.rows.splice(0, this.rows.length, ...this.rows.map((row) => (row.name === name ? { ...row, locks: ["pin" as const] } : row)));
      return Promise.resolve();
    },
    setPasskey: () => Promise.resolve(),
    removeLock: () => Promise.resolve(),
    remove: (name) => {
      this.rows.splice(0, this.rows.length, ...this.rows.filter((row) => row.name !== name));
      this.log.push(`removed ${name}`);
      return Promise.resolve();
    },
  };

  language(): Language {
    return "fr";
  }

  openStore(name: string): Promise<OpenStore> {
    const { linked, log } = this;
    const engine = {
      subscribe: () => () => undefined,
      owner: () => Promise.resolve({ uid: "u", did: "d", who: { rpps: "1", family: "EXEMPLE", given: "Paul", profession: "Médecin" } }),
      connectionState: () => Promise.resolve("open"),
      close: () => Promise.resolve(void log.push("engine closed")),
    };
    return Promise.resolve({
      get isLinked() {
        return linked.has(name);
      },
      openEngine: () => Promise.resolve(engine as unknown as Engine),
      openEnrolment: () => ({ link: (rpps: string) => Promise.resolve(`linked ${rpps}`) }) as unknown as Enrolment,
      close: () => void log.push(`store ${name} closed`),
    });
  }
}

/** The next phase of this kind. */
async function phase<K extends Phase["kind"]>(session: Session, kind: K): Promise<Phase & { kind: K }> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (session.phase.kind !== kind) return;
      stop();
      resolve(session.phase as Phase & { kind: K });
    };
    const stop = session.watch(look);
    look();
  });
}

function tab(browser: Browser, locks: Locks): Session {
  const session = new Session(channel(), () => Promise.resolve(browser));
  session.start(locks);
  return session;
}

afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rooms += 1;
});

describe("a session", () => {
  test("begins with enrolment in a new browser, and goes to work when the device is linked", async () => {
    const browser = new Browser();
    const session = tab(browser, new OneLock());
    expect(await phase(session, "enrolling")).toMatchObject({ isFirst: true });
    browser.linked.add("new0");
    await session.enrolled();
    expect(session.phase).toMatchObject({ kind: "open", isNew: true, account: { name: "new0" } });
  });

  test("shows how to link before the store is open; what is asked meanwhile waits for it", async () => {
    const browser = new Browser();
    const { openStore } = browser;
    let arrives: () => void = () => undefined;
    const there = new Promise<void>((resolve) => (arrives = resolve));
    browser.openStore = (name) => there.then(() => openStore.call(browser, name));
    const session = tab(browser, new OneLock());
    const { enrolment } = await phase(session, "enrolling");
    const linked = enrolment.link("99900000011", "", "", "");
    arrives();
    expect(await linked).toBe("linked 99900000011");
  });

  test("what was linked without being named goes to work", async () => {
    const browser = new Browser();
    browser.rows.push({ name: "paul", label: "", locks: [], passkey: null, openedAtMs: 0 });
    browser.linked.add("paul");
    expect(await phase(tab(browser, new OneLock()), "open")).toMatchObject({ account: { name: "paul" }, isNew: false });
  });

  test("a store that does not open fails what waits for it", async () => {
    const browser = new Browser();
    browser.openStore = () => Promise.reject(new EngineError("store_failed"));
    const session = tab(browser, new OneLock());
    const { enrolment } = await phase(session, "enrolling");
    await expect(enrolment.link("99900000011", "", "", "")).rejects.toMatchObject({ code: "store_failed" });
    expect((await phase(session, "failed")).error.code).toBe("store_failed");
  });

  test("opens by itself what has no lock, and cannot be locked then", async () => {
    const browser = new Browser();
    browser.add("paul", null);
    const session = tab(browser, new OneLock());
    await phase(session, "open");
    await session.lock();
    expect(session.phase.kind).toBe("open");
    expect(browser.log).toEqual([]);
  });

  test("asks for the PIN, closes everything when it locks, and opens again", async () => {
    const browser = new Browser();
    browser.add("paul", "271828");
    const session = tab(browser, new OneLock());
    await phase(session, "locked");
    await expect(session.unlock("paul", { pin: "000000" })).rejects.toMatchObject({ code: "wrong_pin" });
    expect(session.phase.kind).toBe("locked");
    await session.unlock("paul", { pin: "271828" });
    expect(session.phase).toMatchObject({ kind: "open", isNew: false });
    await session.lock();
    expect(session.phase.kind).toBe("locked");
    expect(browser.log).toEqual(["engine closed", "store paul closed"]);
  });

  test("asks who one is where several people have accounts, and closes one before it opens another", async () => {
    const browser = new Browser();
    browser.add("paul", null);
    browser.add("claire", "271828");
    const session = tab(browser, new OneLock());
    expect((await phase(session, "locked")).accounts).toHaveLength(2);
    await session.unlock("claire", { pin: "271828" });
    await session.unlock("paul", null);
    expect(browser.log).toEqual(["engine closed", "store claire closed"]);
    expect(session.phase).toMatchObject({ kind: "open", account: { name: "paul" } });
  });

  test("forgets an account only after it closed it", async () => {
    const browser = new Browser();
    browser.add("paul", null);
    const session = tab(browser, new OneLock());
    await phase(session, "open");
    await session.forget("paul");
    expect(browser.log).toEqual(["engine closed", "store paul closed", "removed paul"]);
    expect(session.phase.kind).toBe("enrolling");
  });

  test("says that it failed, and holds nothing open", async () => {
    const browser = new Browser();
    browser.add("paul", null);
    browser.openStore = () => Promise.reject(new EngineError("store_newer"));
    const session = tab(browser, new OneLock());
    expect((await phase(session, "failed")).error.code).toBe("store_newer");
  });
});

describe("two tabs", () => {
  test("the second one works through the first, without a key, and takes the place of a closed one", async () => {
    const browser = new Browser();
    browser.add("paul", "271828");
    const locks = new OneLock();
    const first = tab(browser, locks);
    await phase(first, "locked");
    const second = tab(browser, locks);
    await phase(second, "elsewhere");
    await first.unlock("paul", { pin: "271828" });
    const following = await phase(second, "open");
    expect(following.account).toBeNull();
    expect(await following.engine.owner()).toMatchObject({ who: { family: "EXEMPLE" } });
    await expect(second.protect({ pin: "314159" })).rejects.toMatchObject({ code: "account_locked" });
    await second.lock();
    await phase(first, "locked");
    await phase(second, "elsewhere");
    second.takeOver();
    await phase(second, "locked");
    await phase(first, "elsewhere");
    await second.unlock("paul", { pin: "271828" });
    expect(await phase(first, "open")).toMatchObject({ account: null });
  });
});
