/**
 * How a browser becomes a device of its owner.
 *
 * linking.ts     by the operator's letter: the first device, or a fresh start (reset)
 * pairing.ts     by another device
 * recovering.ts  by the recovery key
 * pending.ts     what they share: stored first, the same link again after a crash
 */

import type { Enrolment } from "../api.js";
import { toEngineError } from "../errors.js";
import { HttpExchange } from "../http.js";
import type { Platform } from "../platform.js";
import { ServerTime } from "../serverTime.js";
import type { Store } from "../store/store.js";
import { linkByLetter } from "./linking.js";
import { pairDevice } from "./pairing.js";
import { recoverDevice } from "./recovering.js";

export interface EnrolmentOptions {
  readonly platform: Platform;
  /** Open, and without a linked device. */
  readonly store: Store;
  readonly serverUrl: string;
  readonly language: "fr" | "en";
}

/** Ways in; once one has resolved, the store is that of a linked device. */
export function openEnrolment({ platform, store, serverUrl, language }: EnrolmentOptions): Enrolment {
  const http = new HttpExchange(platform, serverUrl, language);
  const parts = { platform, store, serverUrl, http, time: new ServerTime(platform) };
  return {
    link: (rpps, code, fingerprint, deviceName) =>
      named(linkByLetter(parts, "genesis", { rpps, code, fingerprint, deviceName })),
    pair: (uriOrCode, deviceName, signal) => named(pairDevice(parts, uriOrCode, deviceName, signal)),
    recover: (rpps, ticket, secret, fingerprint, deviceName) =>
      named(recoverDevice(parts, { rpps, ticket, secret, fingerprint, deviceName })),
    reset: (rpps, code, fingerprint, deviceName) =>
      named(linkByLetter(parts, "reset", { rpps, code, fingerprint, deviceName })),
  };
}

async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toEngineError(error);
  }
}
