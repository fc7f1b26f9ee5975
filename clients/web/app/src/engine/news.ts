/** What the task that catches up is told: by the connection, and by itself for later. */

import type { Head } from "./frames.js";
import type { Cid } from "./ids.js";
import type { SessionEvent } from "./session.js";

export type News =
  | SessionEvent
  /** The connection of the events before is gone, and with it every answer it owed. */
  | { readonly kind: "connectionLost" }
  /** The server will not have this device, or its owner, any more. */
  | { readonly kind: "turnedAway" }
  /** Time to see whether a conversation still misses something. */
  | { readonly kind: "checkGap"; readonly cid: Cid }
  /** Time to take a head again that the network kept from being taken. */
  | { readonly kind: "retry"; readonly head: Head }
  /** Time to ask for the next deletions of the time this device was away. */
  | { readonly kind: "askDeletions" };
