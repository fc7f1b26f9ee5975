/** What the owner's devices and recovery key stand on.  Values and rules, no I/O.  protocol §2, §5 */

import type { Chain, Device } from "@miss/core/chains.js";
import { MAX_DEVICES } from "@miss/core/limits.js";
import { EngineError } from "../errors.js";

/** One more device, or a recovery key, may enter once `leaving` is out.  Throws `too_many_devices`. */
export function requireRoom(chain: Chain, leaving: Device | null = null): void {
  if (chain.devices.size - (leaving === null ? 0 : 1) >= MAX_DEVICES) {
    throw new EngineError("too_many_devices", { most: MAX_DEVICES });
  }
}

/** The recovery key of a verified chain. */
export function findPaper(chain: Chain): Device | null {
  return [...chain.devices.values()].find((device) => device.paper) ?? null;
}
