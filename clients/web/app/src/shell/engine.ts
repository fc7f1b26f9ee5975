/**
 * The engine as this page runs it; with its cryptography a file of its own (`fetched`), larger than all the rest.
 */

import type { Engine, Enrolment } from "../engine/api.js";
import { openEngine } from "../engine/client.js";
import { openEnrolment } from "../engine/enrolment/index.js";
import type { Platform } from "../engine/platform.js";
import { Store } from "../engine/store/store.js";
import type { Language } from "../texts/language.js";
import type { OpenStore } from "./session.js";

/** A store that is open in this page, and what works on it. */
export class PageStore implements OpenStore {
  readonly #platform: Platform;
  readonly #store: Store;

  private constructor(platform: Platform, store: Store) {
    this.#platform = platform;
    this.#store = store;
  }

  static async open(platform: Platform, name: string, key: Uint8Array): Promise<PageStore> {
    return new PageStore(platform, await Store.open(platform, name, key));
  }

  get isLinked(): boolean {
    return this.#store.device.find()?.isLinked ?? false;
  }

  openEngine(language: Language): Promise<Engine> {
    return openEngine({ platform: this.#platform, store: this.#store, language, serverUrl: location.origin });
  }

  openEnrolment(language: Language): Enrolment {
    return openEnrolment({ platform: this.#platform, store: this.#store, serverUrl: location.origin, language });
  }

  close(): void {
    this.#store.close();
  }
}
