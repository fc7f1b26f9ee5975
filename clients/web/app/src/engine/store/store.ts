/**
 * The durable state of one device, in one sealed database.
 *
 * Reads are synchronous; writes are the synchronous calls of a `transaction` block, stored together or not at all: a
 * message, the position it moves and the outbox entry it settles.
 */

import type { Platform } from "../platform.js";
import { AlarmStore } from "./alarms.js";
import { ConversationStore } from "./conversations.js";
import { DeviceStore } from "./device.js";
import { DownloadStore } from "./downloads.js";
import { DraftStore, MarkStore } from "./drafts.js";
import { EvidenceStore } from "./evidence.js";
import { StoreFile } from "./file.js";
import { IncidentStore } from "./incidents.js";
import { LostStore } from "./lost.js";
import { MessageStore } from "./messages.js";
import { OutboxStore } from "./outbox.js";
import { linkTable, PeopleStore } from "./people.js";
import { RestorationStore } from "./restorations.js";
import { SplitStore } from "./splits.js";
import { StatementStore } from "./statements.js";

/** Its parts, and the database they share. */
export class Store {
  readonly device: DeviceStore;
  readonly people: PeopleStore;
  readonly conversations: ConversationStore;
  readonly alarms: AlarmStore;
  readonly messages: MessageStore;
  readonly evidence: EvidenceStore;
  readonly splits: SplitStore;
  readonly incidents: IncidentStore;
  readonly outbox: OutboxStore;
  readonly statements: StatementStore;
  readonly drafts: DraftStore;
  readonly marks: MarkStore;
  readonly downloads: DownloadStore;
  readonly lost: LostStore;
  readonly restorations: RestorationStore;
  readonly #file: StoreFile;

  private constructor(file: StoreFile) {
    this.#file = file;
    const { links, lengths } = linkTable(file);
    this.device = new DeviceStore(file, file.table("meta"), links);
    this.people = new PeopleStore(file, links, lengths);
    this.conversations = new ConversationStore(file);
    this.alarms = new AlarmStore(file);
    this.evidence = new EvidenceStore(file);
    this.messages = new MessageStore(file, this.alarms, this.evidence);
    this.splits = new SplitStore(file);
    this.incidents = new IncidentStore(file);
    this.outbox = new OutboxStore(file);
    this.statements = new StatementStore(file);
    this.drafts = new DraftStore(file);
    this.marks = new MarkStore(file);
    this.downloads = new DownloadStore(file);
    this.lost = new LostStore(file, this.messages);
    this.restorations = new RestorationStore(file);
  }

  /**
   * Open the store `name`, or make it; `key`: 32 bytes (`keys`).  Asks that it is not evicted.
   *
   * Throws `wrong_store_key`, `store_newer`, `store_failed`, `storage_full`.
   */
  static async open(platform: Platform, name: string, key: Uint8Array): Promise<Store> {
    const file = await StoreFile.open(platform, name, key);
    const store = new Store(file);
    try {
      await file.load();
    } catch (error) {
      file.close();
      throw error;
    }
    await platform.persist().catch(() => false);
    return store;
  }

  /**
   * All writes of the synchronous `block`, or none; durable, and seen by others, when it resolves to what `block` gave.
   *
   * Throws `storage_full`, `store_failed`, `store_wiped`.
   */
  async transaction<T>(block: () => T): Promise<T> {
    return this.#file.transaction(block);
  }

  /** Delete everything, for good.  This object stays empty and refuses writes (`store_wiped`). */
  async wipe(): Promise<void> {
    await this.#file.wipe();
  }

  /** Release the database; calling twice is harmless. */
  close(): void {
    this.#file.close();
  }
}
