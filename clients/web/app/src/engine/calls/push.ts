/** Calls about waking this device while it is closed: Web Push.  ADR 52 */

import { hash } from "@miss/core/primitives.js";

import type { PushOutcome, PushState, PushSubscriptionKeys } from "../api.js";
import { hex, unhex } from "../ids.js";
import { AccountCalls } from "./account.js";

export class PushCalls extends AccountCalls {
  async pushState(endpoint: string): Promise<PushState> {
    const { key, endpointHash } = await this.parts.api.fetchPush();
    const isRegistered = endpointHash !== null && hex(endpointHash) === hex(hash("push-endpoint", new TextEncoder().encode(endpoint)));
    return { key, isRegistered };
  }

  registerPush({ endpoint, p256dh, auth, key, muted }: PushSubscriptionKeys): Promise<void> {
    return this.parts.api.putPush({ endpoint, p256dh, auth, key, muted: muted.map(unhex) });
  }

  removePush(): Promise<void> {
    return this.parts.api.deletePush();
  }

  testPush(): Promise<PushOutcome> {
    return this.parts.api.testPush();
  }
}
