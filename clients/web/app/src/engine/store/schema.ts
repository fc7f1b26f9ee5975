/**
 * The object stores of a device's database, and IndexedDB's requests as promises.
 *
 * In clear: identifiers, numbers and times, which the server knows anyway.  Every field named `sealed` is encrypted
 * under the store's key (see `file`).  A change is a new entry at the end of STEPS, never an edit of an old one.
 */

import { EngineError } from "../errors.js";
import type { Platform } from "../platform.js";

/** Made by each version, with keys of their own; the tables of `miss/client/store/schema.py`. */
const STEPS: readonly (readonly string[])[] = [
  [
    ...["meta", "device", "userKey", "link", "contact", "warning"],
    ...["conversation", "epoch", "message", "marker", "departure", "alarm", "receiptDue", "evidence"],
    ...["outbox", "outboxEnvelope", "outboxBlob", "outboxContent", "statement"],
    ...["draft", "download", "downloadPart", "splitView", "incident", "mark"],
  ],
  // Since servers may be restored: their operator's statements, conversations that were not compared since, commits of
  // ours with all their boxes, whom lost ones had taken out, and what the server has lost.
  ["restoration", "unreconciled", "ownCommit", "takenOut", "lostMessage", "lostEvidence"],
];

export const STORES: readonly string[] = STEPS.flat();

/** Open or make the database.  Throws `store_newer`, `store_failed`. */
export async function openDatabase(platform: Platform, name: string): Promise<IDBDatabase> {
  const opening = platform.indexedDB.open(name, STEPS.length);
  opening.onupgradeneeded = (event) => {
    for (const step of STEPS.slice(event.oldVersion)) {
      for (const store of step) opening.result.createObjectStore(store);
    }
  };
  try {
    return await request(opening);
  } catch (error) {
    const cause = error instanceof DOMException ? error.name : "unknown";
    if (cause === "VersionError") throw new EngineError("store_newer", {}, { cause: error });
    if (cause === "QuotaExceededError") throw new EngineError("storage_full", {}, { cause: error });
    throw new EngineError("store_failed", { reason: cause }, { cause: error });
  }
}

/** Delete a database, if it is there. */
export async function deleteDatabase(platform: Platform, name: string): Promise<void> {
  await request(platform.indexedDB.deleteDatabase(name));
}

/** The result of one request. */
export async function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Resolves when the transaction is on disk. */
export async function wholeTransaction(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    transaction.onerror = () => undefined; // an abort follows
  });
}
