/**
 * The few ways in which one piece of the engine waits for another: what asyncio gives to the Python client.
 *
 * A task is an async function with an AbortSignal; it ends by `Stopped` when the engine closes.  Nothing here throws
 * away a defect: whoever starts a task awaits it.
 */

import { hasCode } from "./errors.js";
import type { Platform } from "./platform.js";

/** After a defect of ours a task begins anew, no sooner than this. */
const REVIVE_MS = 5000;

/** The engine closes, or whoever waited has given up. */
export class Stopped extends Error {
  constructor() {
    super("stopped");
    this.name = "Stopped";
  }
}

/** A flag that tasks wait for; set once however often it is woken.  One task waits. */
export class Wake {
  #isSet = false;
  #resume: (() => void) | null = null;

  set(): void {
    this.#isSet = true;
    this.#resume?.();
  }

  clear(): void {
    this.#isSet = false;
  }

  /** Wait until it is set, or for so many milliseconds (null: however long).  Throws Stopped. */
  async wait(platform: Platform, signal: AbortSignal, timeoutMs: number | null = null): Promise<void> {
    if (signal.aborted) throw new Stopped();
    if (this.#isSet) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        undo?.();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const undo = timeoutMs === null ? null : platform.later(end, timeoutMs);
      this.#resume = end;
      signal.addEventListener("abort", end, { once: true });
    });
    this.#resume = null;
    if (signal.aborted) throw new Stopped();
  }
}

/** Wait so long.  Throws Stopped. */
export async function sleep(platform: Platform, delayMs: number, signal: AbortSignal): Promise<void> {
  await new Wake().wait(platform, signal, delayMs);
}

/**
 * One task, until it is stopped or this device was wiped under its hands.
 *
 * What it ends with otherwise is a defect: told, and not the end of it.
 */
export async function live(run: (signal: AbortSignal) => Promise<void>, platform: Platform, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      try {
        await run(signal);
        return;
      } catch (error) {
        if (error instanceof Stopped || hasCode(error, "store_wiped")) return;
        queueMicrotask(() => {
          throw error;
        });
      }
      await sleep(platform, REVIVE_MS, signal);
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}

/** What waits to be taken, in order, by one task. */
export class Inbox<T> {
  readonly #waiting: T[] = [];
  readonly #wake = new Wake();

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  put(value: T): void {
    this.#waiting.push(value);
    this.#wake.set();
  }

  /** The next one, when there is one.  Throws Stopped. */
  async take(platform: Platform, signal: AbortSignal): Promise<T> {
    while (this.#waiting.length === 0) {
      this.#wake.clear();
      await this.#wake.wait(platform, signal);
    }
    if (signal.aborted) throw new Stopped();
    return this.#waiting.shift() as T;
  }
}

/** As long as a page may be kept waiting: one frame. */
const SLICE_MS = 16;

/** Long work in steps: after each slice of it, everybody else has a turn. */
export async function inSlices<T>(platform: Platform, steps: Iterator<void, T>): Promise<T> {
  let since = platform.monotonicMs();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (platform.monotonicMs() - since < SLICE_MS) continue;
    await platform.pause();
    since = platform.monotonicMs();
  }
}

/** One at a time, in the order they came. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** A mutex for each key. */
export class Locks {
  readonly #byKey = new Map<string, Mutex>();

  async run<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    let mutex = this.#byKey.get(key);
    if (mutex === undefined) this.#byKey.set(key, (mutex = new Mutex()));
    return mutex.run(work);
  }
}

/** A flag that many wait for, until it is cleared. */
export class Flag {
  #isSet = false;
  #waiting: (() => void)[] = [];

  get isSet(): boolean {
    return this.#isSet;
  }

  set(): void {
    this.#isSet = true;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  clear(): void {
    this.#isSet = false;
  }

  /** Resolves once it is set. */
  async wait(): Promise<void> {
    if (!this.#isSet) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
