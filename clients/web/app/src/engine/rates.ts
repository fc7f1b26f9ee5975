/** Token buckets: how often a frame of one kind may be sent.  protocol §7 */

/** `burst` frames at once, then `perS` a second. */
export interface Rate {
  readonly burst: number;
  readonly perS: number;
}

/** Holds up to `rate.burst` tokens, refilled at `rate.perS` a second. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAtS: number;

  constructor(rate: Rate, nowS: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAtS = nowS;
  }

  /** Take one token and return 0; if there is none, return in how many seconds there will be. */
  take(nowS: number): number {
    const elapsedS = Math.max(0, nowS - this.#filledAtS);
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + elapsedS * this.#rate.perS);
    this.#filledAtS = nowS;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return (1 - this.#tokens) / this.#rate.perS;
  }
}
