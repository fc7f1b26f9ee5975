/** Keys of rows that stand at a place of a log: they sort as the log does. */

import type { Cid } from "../ids.js";

export function placeKey(cid: Cid, seq: number): string {
  return `${cid} ${String(seq).padStart(16, "0")}`;
}
