/** What time it is by the server: devices are often minutes off, and signed dates have to make sense to others. */

import type { Platform } from "./platform.js";

const STEP_MS = 10_000;

export class ServerTime {
  readonly #platform: Platform;
  /** How far the server is ahead, in milliseconds; a person whose clock is wrong may be told. */
  skewMs = 0;
  #noted: { readonly serverTsMs: number; readonly monotonicMs: number } | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** The server has just said that it is `serverTsMs`. */
  note(serverTsMs: number): void {
    this.skewMs = serverTsMs - this.#platform.nowMs();
    this.#noted = { serverTsMs, monotonicMs: this.#platform.monotonicMs() };
  }

  /** The instant it is by the server. */
  nowMs(): number {
    return this.#platform.nowMs() + this.skewMs;
  }

  /** The instant it is at least: a clock that somebody sets forward while this runs makes nothing old. */
  certainMs(): number {
    return this.nowMs() - Math.max(0, this.#stepMs());
  }

  /**
   * True if the machine's clock was set since the server told the time, or the machine slept: only the server can tell
   * which.  Asleep, the monotonic clock of browsers stands still, except on Windows.
   */
  hasStepped(): boolean {
    return Math.abs(this.#stepMs()) > STEP_MS;
  }

  /** By how much the machine's clock ran ahead of its monotonic one meanwhile. */
  #stepMs(): number {
    if (this.#noted === null) return 0;
    const passedMs = this.#platform.monotonicMs() - this.#noted.monotonicMs;
    return this.nowMs() - this.#noted.serverTsMs - passedMs;
  }
}
