/** What changed about a person's keys that the owner should hear of.  Pure.  protocol §3 */

import { equal } from "@miss/core/bytes.js";
import { type Chain, states } from "@miss/core/chains.js";

import type { WarningKind } from "../api.js";

/** What the links pinned after `before` (null: a first meeting) ask to be told, the gravest last. */
export function warningsBetween(before: Chain | null, after: Chain): readonly WarningKind[] {
  const isReset = after.resets > (before?.resets ?? 0);
  if (before === null || isReset) return isReset ? ["reset"] : [];
  const kinds: WarningKind[] = [];
  if (after.uekGen !== before.uekGen) kinds.push("key_changed");
  if (hasEntered(before, after)) kinds.push("new_device");
  return kinds;
}

/** True if a device, the recovery key aside, was let in since. */
function hasEntered(before: Chain, after: Chain): boolean {
  for (const state of states(after)) {
    if (equal(state.head, before.head)) return false;
    if ([...state.devices].some(([did, device]) => !device.paper && !before.devices.has(did))) return true;
  }
  return false;
}
