/** A platform of Node for unit tests: an IndexedDB of its own, and a network that answers nothing. */

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { globalPlatform, type Platform } from "../platform.js";
import { Store } from "../store/store.js";

export const KEY = new Uint8Array(32).fill(7);

/** A platform with an empty database, and nobody at the other end of `fetch`. */
export function testPlatform(changes: Partial<Platform> = {}): Platform {
  return {
    ...globalPlatform(globalThis),
    indexedDB: new IDBFactory(),
    keyRange: IDBKeyRange,
    fetch: () => Promise.reject(new TypeError("no network")),
    openSocket: () => {
      throw new TypeError("no network");
    },
    persist: async () => true,
    ...changes,
  };
}

export async function openStore(platform: Platform, name = "essai"): Promise<Store> {
  return Store.open(platform, name, KEY);
}
