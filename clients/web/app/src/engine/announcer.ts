/** What the engine announces, to everybody who listens.  What is announced is stored already. */

import type { EngineEvent } from "./api.js";

export type Listener = (event: EngineEvent) => void;

export class Announcer {
  readonly #listeners = new Set<Listener>();

  /** Receive every event from now on; the answer stops it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  announce(event: EngineEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        // A page's mistake is the page's: the engine goes on, and nobody else misses the event.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  announceAll(events: readonly EngineEvent[]): void {
    for (const event of events) this.announce(event);
  }
}
