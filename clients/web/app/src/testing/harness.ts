/**
 * The engine on a page without views: what `tests/clients/web` drives through a real browser.  Not part of a build.
 *
 * Byte strings travel as `{"bytes": base64}`.  An account is a store of that name, under a key made of its name: a page
 * loaded anew finds it again, as after a crash.
 */


import type { Engine, EngineEvent, Enrolment } from "../engine/api.js";
import { openEngine } from "../engine/client.js";
import { openEnrolment } from "../engine/enrolment/index.js";
import { globalPlatform } from "../engine/platform.js";
import { Store } from "../engine/store/store.js";

const platform = globalPlatform(globalThis);

class Device {
  readonly #store: Store;
  engine: Engine | null = null;
  readonly events: EngineEvent[] = [];
  #waiting: (() => void)[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  get enrolment(): Enrolment {
    return openEnrolment({ platform, store: this.#store, serverUrl: location.origin, language: "fr" });
  }

  async start(): Promise<void> {
    this.engine = await openEngine({ platform, store: this.#store, language: "fr" });
    this.engine.subscribe((event) => {
      this.events.push(event);
      for (const resume of this.#waiting.splice(0)) resume();
    });
  }

  /** Resolves once there are more events than that. */
  async more(than: number): Promise<void> {
    while (this.events.length <= than) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    await this.engine?.close();
    this.engine = null;
    this.#store.close();
  }
}

const devices = new Map<string, Device>();

const harness = {
  /** Open the store of that name, or make it. */
  async open(name: string): Promise<void> {
    const key = new Uint8Array(32).fill(name.length);
    devices.set(name, new Device(await Store.open(platform, name, key)));
  },

  async enrol(name: string, way: keyof Enrolment, given: readonly string[]): Promise<string> {
    const enrol = get(name).enrolment[way] as (...given: readonly string[]) => Promise<string>;
    return refusing(enrol(...given));
  },

  start: (name: string): Promise<void> => refusing(get(name).start()),

  stop: (name: string): Promise<void> => get(name).stop(),

  /** One call of the engine. */
  async call(name: string, method: keyof Engine, given: readonly unknown[]): Promise<unknown> {
    const engine = get(name).engine;
    if (engine === null) throw new Error(`${name} is not started`);
    const call = engine[method] as (...given: readonly unknown[]) => Promise<unknown>;
    return outside(await refusing(call(...given.map(inside))));
  },

  events: (name: string): unknown => outside(get(name).events),

  more: (name: string, than: number): Promise<void> => get(name).more(than),
};

function get(name: string): Device {
  const device = devices.get(name);
  if (device === undefined) throw new Error(`${name} is not open`);
  return device;
}

/** A refusal as a text that the other side tells apart: `refused: code`. */
async function refusing<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const { code, params } = error as { code?: string; params?: object };
    const cause = (error as Error).cause;
    throw new Error(`refused: ${code} ${JSON.stringify(params)} ${cause instanceof Error ? cause.stack : ""}`);
  });
}

function inside(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inside);
  const { bytes } = value as { bytes?: unknown };
  if (typeof bytes === "string") return Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inside(one)]));
}

function outside(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    let text = "";
    for (const byte of value) text += String.fromCharCode(byte);
    return { bytes: btoa(text) };
  }
  if (typeof value !== "object" || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map(outside);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, outside(one)]));
}

Object.assign(globalThis, { harness });
