/**
 * Calls when nobody has touched a key, a finger or a mouse for a while, also if the machine slept meanwhile.
 */

const LOOK_EVERY_MS = 2_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Keeps the time since the last sign of life. */
export class IdleWatch {
  readonly #limitMs: () => number | null;
  readonly #nowMs: () => number;
  readonly #onIdle: () => void;
  #lastMs: number;

  /** `limitMs` is asked each time; null: never idle.  `nowMs` is the clock of the wall: it goes on during sleep. */
  constructor(limitMs: () => number | null, nowMs: () => number, onIdle: () => void) {
    this.#limitMs = limitMs;
    this.#nowMs = nowMs;
    this.#onIdle = onIdle;
    this.#lastMs = nowMs();
  }

  /** Somebody is there.  Does not count after the time is over: who comes back late finds it locked. */
  alive(): void {
    this.look();
    this.#lastMs = this.#nowMs();
  }

  /** Calls `onIdle`, once, if the time is over. */
  look(): void {
    const limit = this.#limitMs();
    const now = this.#nowMs();
    // A clock that was set back: count from now.
    if (now < this.#lastMs) this.#lastMs = now;
    if (limit === null || now - this.#lastMs < limit) return;
    this.#lastMs = now;
    this.#onIdle();
  }

  /** Follow the page; `onAlive` is told too, at most every few seconds. */
  follow(page: Window, onAlive: () => void): void {
    let toldMs = 0;
    const sign = (): void => {
      this.alive();
      if (this.#nowMs() - toldMs < LOOK_EVERY_MS) return;
      toldMs = this.#nowMs();
      onAlive();
    };
    for (const name of SIGNS) page.addEventListener(name, sign, { capture: true, passive: true });
    page.document.addEventListener("visibilitychange", () => this.look());
    page.setInterval(() => this.look(), LOOK_EVERY_MS);
  }
}
