/** What time it is by the server: devices are often minutes off, and signed dates have to make sense to others. */

import type { Platform } from "./platform.js";

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
    if (this.#noted === null) return this.nowMs();
    const passedMs = this.#platform.monotonicMs() - this.#noted.monotonicMs;
    return Math.min(this.nowMs(), this.#noted.serverTsMs + passedMs);
  }
}
