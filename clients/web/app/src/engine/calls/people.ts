/** Calls about people: as the server lists them, as the operator certified them, what the owner decides about them. */

import type { Comparison, ContactWarning, DirectoryEntry, Presence, Who } from "../api.js";
import type { Cid, Uid } from "../ids.js";
import { Calls } from "./base.js";

export class PeopleCalls extends Calls {
  /** People by name, specialty or town.  Throws ServerRefused, ServerUnreachable. */
  directory(text: string, limit: number): Promise<readonly DirectoryEntry[]> {
    return this.parts.api.searchDirectory(text, limit);
  }

  /** Who somebody is, as certified.  Throws `contact_without_device`, ServerUnreachable, LinkError. */
  async identity(uid: Uid): Promise<Who> {
    return (await this.parts.identities.get(uid)).who;
  }

  async warnings(): Promise<readonly ContactWarning[]> {
    return this.parts.contacts.warnings();
  }

  async acceptContact(uid: Uid): Promise<void> {
    await this.parts.contacts.accept(uid);
  }

  async safetyWords(uid: Uid): Promise<readonly string[]> {
    return this.parts.contacts.safetyWords(uid);
  }

  async safetyQr(uid: Uid): Promise<Uint8Array> {
    return this.parts.contacts.qr(uid);
  }

  async compareSafety(uid: Uid, scanned: Uint8Array): Promise<Comparison> {
    return this.parts.contacts.compare(uid, scanned);
  }

  async isVerified(uid: Uid): Promise<boolean> {
    return this.parts.contacts.isVerified(uid);
  }

  async setVerified(uid: Uid, verified: boolean): Promise<void> {
    await this.parts.contacts.setVerified(uid, verified);
  }

  // Who is there, who is writing: nothing of it is stored, by anybody

  async typing(cid: Cid, on: boolean): Promise<void> {
    this.parts.ephemera.typing(cid, on);
  }

  async tellsReading(): Promise<boolean> {
    return this.parts.reports.tellsReading;
  }

  async setTellsReading(on: boolean): Promise<void> {
    await this.parts.reports.setTellsReading(on);
  }

  async setPresence(presence: Presence): Promise<void> {
    this.parts.ephemera.setPresence(presence);
  }
}
