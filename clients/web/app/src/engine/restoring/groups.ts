/**
 * Commits that the restored server has forgotten: given back by their author, else gone on without.  protocol §4, §5
 *
 * Their author has them whole and sends them again, in order.  Until then, or for good, the group goes on from the last
 * epoch that both know; but nobody whom a lost commit had taken out is written to, and an admin's device takes them out
 * again.
 */

import { type Commit, memberOf, parseCommit, Role } from "@miss/core/commits.js";

import { type Epochs, unchanged } from "../epochs.js";
import { codeOf, ServerRefused } from "../errors.js";
import { type Cid, hex, unhex } from "../ids.js";
import { TEMPORARY } from "../outgoing/sending.js";
import type { ServerApi } from "../serverApi.js";
import type { Epoch } from "../store/conversations.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";

/** One device's part in it. */
export class GroupReturn {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #api: ServerApi;
  readonly #epochs: Epochs;

  constructor(store: Store, device: DeviceRecord, api: ServerApi, epochs: Epochs) {
    this.#store = store;
    this.#device = device;
    this.#api = api;
    this.#epochs = epochs;
  }

  /**
   * Bring the epochs of a conversation that the server knows together with those known here.
   *
   * Throws ServerRefused, ServerUnreachable, and as `Epochs.change`.
   */
  async reconcile(cid: Cid, serverEpoch: number): Promise<void> {
    const { conversations } = this.#store;
    const last = conversations.lastEpoch(cid);
    if (last === null) return;
    let common = await this.#findCommon(cid, Math.min(serverEpoch, last.number));
    if (common === serverEpoch) common = await this.sendAgain(cid, common);
    if (common >= last.number) return;
    const before = conversations.findEpoch(cid, common);
    await this.#store.transaction(() => {
      if (before !== null) this.#noteOut(cid, before, last);
      this.#epochs.drop(cid, common);
    });
    if (common === serverEpoch && before !== null) await this.#remake(cid, before, last);
  }

  /** The last epoch, up to `number`, whose commit is the same here and there; 0 if none is. */
  async #findCommon(cid: Cid, number: number): Promise<number> {
    for (let epoch = number; epoch > 0; epoch -= 1) {
      const ours = this.#store.conversations.findEpoch(cid, epoch);
      const [theirs] = await this.#api.fetchCommits(cid, epoch);
      if (ours !== null && theirs !== undefined && hashOf(parseCommit(theirs.commit)) === hashOf(ours.commit)) return epoch;
    }
    return 0;
  }

  /** Give back the commits after that epoch that are this device's own, in order; the last epoch reached. */
  async sendAgain(cid: Cid, after: number): Promise<number> {
    for (let reached = after; ; reached += 1) {
      const epoch = this.#store.conversations.findEpoch(cid, reached + 1);
      const whole = epoch && this.#store.restorations.findCommit(cid, epoch.number, hashOf(epoch.commit));
      if (whole === null) return reached;
      try {
        await this.#api.sendCommit(whole);
      } catch (error) {
        if (!(error instanceof ServerRefused) || TEMPORARY.includes(codeOf(error))) throw error;
        return reached;
      }
    }
  }

  #noteOut(cid: Cid, before: Epoch, last: Epoch): void {
    const staying = unchanged(last.commit).roles;
    const out = [...unchanged(before.commit).roles.keys()].filter((uid) => !staying.has(uid));
    this.#store.restorations.noteOut(cid, out);
    for (const uid of out) this.#store.conversations.noteDeparture(cid, uid, before.number);
  }

  /** What the lost commits had changed, changed again, if this person may and nobody went on meanwhile. */
  async #remake(cid: Cid, before: Epoch, last: Epoch): Promise<void> {
    const wanted = unchanged(last.commit);
    const mayChange = memberOf(before.commit, unhex(this.#device.uid))?.role === Role.ADMIN;
    if (!mayChange || !wanted.roles.has(this.#device.uid)) return;
    // Secrets only: whoever writes next makes a new one.
    if (isSame(before.commit, last.commit)) return;
    await this.#epochs.change(cid, (now) => (hashOf(now) === hashOf(before.commit) ? wanted : null));
  }
}

function hashOf(commit: Commit): string {
  return hex(commit.hash);
}

/** True if the same people have the same roles, under the same policy. */
function isSame(one: Commit, other: Commit): boolean {
  const said = (commit: Commit): string => {
    const { policy, roles } = unchanged(commit);
    return JSON.stringify([[...roles].sort(), policy.ttlS, policy.history, policy.owner]);
  };
  return said(one) === said(other);
}
