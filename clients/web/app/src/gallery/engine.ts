/**
 * An engine without a server, for the gallery and the tests of the views: it keeps everything in memory and answers.
 *
 * It refuses what the real one refuses where a page shows it (`offline`), and seals nothing: it is never in a release.
 */
import {
  type Cid,
  type ConnectionState,
  type ContactWarning,
  type Conversation,
  type DirectoryEntry,
  type Engine,
  EngineError,
  type EngineEvent,
  type Found,
  isBlank,
  type LostMessage,
  type Message,
  type Mid,
  type Ms,
  type Outgoing,
  type Policy,
  type Presence,
  type Role,
  type SavedDraft,
  type SendOptions,
  type Uid,
  type Who,
} from "../engine/api.js";
import { isClosed } from "../state/alarms.js";
import { fullName } from "../state/names.js";
import { matches, places } from "../state/words.js";
import { NOW, OWN, type Seed, cid as cidOf, told } from "./data.js";
import { DIRECTORY, EVERYBODY, member } from "./people.js";

export interface GalleryOptions {
  readonly seeds: readonly Seed[];
  readonly connection?: ConnectionState;
  readonly synced?: boolean;
  readonly warnings?: readonly ContactWarning[];
  /** The bytes of a picture: drawn in a browser, anything elsewhere. */
  readonly picture?: (seq: number) => Promise<Uint8Array>;
}

interface Held {
  conversation: Conversation;
  messages: Message[];
  outgoing: Outgoing[];
}

type Unused = Pick<
  Engine,
  | "incidents" | "restorations" | "devices" | "renameDevice" | "revokeDevice" | "invite" | "inviteOffer" | "inviteAccept" | "inviteCancel"
  | "recovery" | "prepareRecovery" | "prepareRecoveryMethod" | "addRecoveryPasskey" | "confirmRecovery" | "testRecovery" | "lockLimit" | "askLockLimit" | "safetyQr" | "compareSafety" | "exportProof" | "pushState" | "registerPush" | "removePush" | "testPush"
>;

export class GalleryEngine implements Omit<Engine, keyof Unused> {
  readonly calls: string[] = [];
  /** What was sent as a file. */
  readonly files: Uint8Array[] = [];
  readonly #held = new Map<Cid, Held>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #verified = new Set<Uid>([EVERYBODY[1]?.uid ?? ""]);
  readonly #options: GalleryOptions;
  #warnings: readonly ContactWarning[];
  #made = 0;

  constructor(options: GalleryOptions) {
    this.#options = options;
    this.#warnings = options.warnings ?? [];
    for (const { conversation, messages, outgoing } of options.seeds) {
      this.#held.set(conversation.cid, { conversation, messages: [...messages], outgoing: [...outgoing] });
    }
  }

  /** Say something happened, as the engine would. */
  announce(event: EngineEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #of(cid: Cid): Held {
    const held = this.#held.get(cid);
    if (!held) throw new EngineError("conversation_not_here");
    return held;
  }

  #change(cid: Cid, change: Partial<Conversation>): void {
    const held = this.#of(cid);
    held.conversation = { ...held.conversation, ...change };
    this.announce({ kind: "conversation", cid });
  }

  /** A message comes in. */
  receive(message: Message): void {
    const held = this.#of(message.cid);
    held.messages.push(message);
    const { conversation } = held;
    held.conversation = {
      ...conversation,
      last: message,
      lastSeq: message.seq,
      unread: conversation.unread + (message.isMine ? 0 : 1),
      activeAtMs: message.depositedAtMs,
    };
    this.announce({ kind: "message", message });
  }

  #alter(cid: Cid, seq: number, change: (message: Message) => Message, how: string): Mid {
    const held = this.#of(cid);
    const index = held.messages.findIndex((message) => message.seq === seq);
    const before = held.messages[index];
    if (!before) throw new EngineError("message_not_here");
    const message = change(before);
    held.messages[index] = message;
    if (held.conversation.lastSeq === seq) held.conversation = { ...held.conversation, last: message };
    this.announce({ kind: "messageChanged", message, by: OWN.uid, how });
    return this.#mid();
  }

  #mid(): Mid {
    this.#made += 1;
    return this.#made.toString(16).padStart(32, "f");
  }

  #say(cid: Cid, text: string, more: Partial<Message> = {}): Mid {
    const held = this.#of(cid);
    const mid = this.#mid();
    if (this.#options.connection === "waiting") {
      const { type = "text", attachments = [], urgent = false } = more;
      held.outgoing.push({ mid, cid, text, type, attempts: 0, failed: "", failedParams: {}, attachments, urgent, writtenAtMs: NOW });
      held.conversation = { ...held.conversation, waiting: held.outgoing.length };
      return mid;
    }
    const seq = held.conversation.lastSeq + 1;
    queueMicrotask(() => {
      this.receive(told(cid, seq, { of: OWN, at: NOW, text }, { ...more, mid }));
      this.announce({ kind: "sent", cid, mid, seq });
    });
    return mid;
  }

  async owner() {
    return { uid: OWN.uid, did: "d".repeat(32), who: member(OWN).who };
  }
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#options.synced !== false) queueMicrotask(() => listener({ kind: "synced" }));
    return () => this.#listeners.delete(listener);
  }
  async connectionState(): Promise<ConnectionState> {
    return this.#options.connection ?? "open";
  }
  async hurry(): Promise<void> {}
  async conversations(): Promise<readonly Conversation[]> {
    return [...this.#held.values()].map((held) => held.conversation);
  }
  async conversation(cid: Cid): Promise<Conversation> {
    return this.#of(cid).conversation;
  }
  async messages(cid: Cid, before: number | null, limit: number): Promise<readonly Message[]> {
    this.calls.push(`messages ${before} ${limit}`);
    const { messages } = this.#of(cid);
    const end = before === null ? messages.length : messages.findIndex((message) => message.seq >= before);
    const to = end < 0 ? messages.length : end;
    return messages.slice(Math.max(0, to - limit), to);
  }
  async lostMessages(cid: Cid): Promise<readonly LostMessage[]> {
    const { conversation, messages } = this.#of(cid);
    const written = messages.filter(({ isDeleted, refused, type }) => type === "text" && !isDeleted && refused === "");
    return written.slice(-conversation.lost).map((message) => ({ message, restoration: 1, resent: message.isMine }));
  }
  async message(cid: Cid, seq: number): Promise<Message> {
    const message = this.#of(cid).messages.find((one) => one.seq === seq);
    if (!message) throw new EngineError("message_not_here");
    return message;
  }
  async markRead(cid: Cid, seq: number): Promise<void> {
    this.calls.push(`markRead ${seq}`);
    const unread = this.#of(cid).messages.filter((message) => message.seq > seq && !message.isMine).length;
    this.#change(cid, { readSeq: seq, unread });
  }
  async deliveredTo(cid: Cid): Promise<Readonly<Record<Uid, number>>> {
    return Object.fromEntries(this.#of(cid).conversation.members.map((one) => [one.uid, one.uid === EVERYBODY[5]?.uid ? 4 : 1_000_000]));
  }
  async readBy(cid: Cid): Promise<Readonly<Record<Uid, number>>> {
    return Object.fromEntries(this.#of(cid).conversation.members.map((one, index) => [one.uid, index % 3 === 2 ? 3 : 5]));
  }
  async search(text: string, cid: Cid | null, limit: number): Promise<readonly Found[]> {
    const all = [...this.#held.values()].filter((held) => cid === null || held.conversation.cid === cid).flatMap((held) => held.messages);
    return all
      .filter((message) => message.text !== "" && matches(text, message.text))
      .sort((a, b) => b.depositedAtMs - a.depositedAtMs)
      .slice(0, limit)
      .map(({ cid: where, seq, text: excerpt, depositedAtMs }) => ({ cid: where, seq, excerpt, ranges: places(text, excerpt), depositedAtMs }));
  }
  async openAlarms(): Promise<readonly Message[]> {
    return [...this.#held.values()].flatMap((held) => held.messages).filter((message) => message.alarm && !isClosed(message.alarm));
  }
  async sendText(cid: Cid, text: string, options: SendOptions = {}): Promise<Mid> {
    const quoted = this.#of(cid).messages.find((message) => message.mid === options.reply && options.reply !== null);
    const quote = quoted ? { seq: quoted.seq, uid: quoted.uid, text: quoted.text, hasAttachments: quoted.attachments.length > 0, isDeleted: false } : null;
    return this.#say(cid, text, { quote, urgent: options.urgent ?? false, mentions: options.mentions ?? [] });
  }
  async sendFile(cid: Cid, content: Uint8Array, name: string, caption: string, options: SendOptions = {}): Promise<Mid> {
    const isPdf = content[0] === 0x25;
    this.calls.push(`sendFile ${content.length} ${options.thumbnail?.length ?? 0} ${options.width ?? 0}x${options.height ?? 0}`);
    this.files.push(content);
    const mediaType = isPdf ? "application/pdf" : "image/jpeg";
    const { width = null, height = null } = options;
    return this.#say(cid, caption, { attachments: [{ mediaType, name, sizeBytes: content.length, width, height }], urgent: options.urgent ?? false });
  }
  async sendAlarm(cid: Cid, text: string, ackByMs: Ms, nextUids: readonly Uid[]): Promise<Mid> {
    return this.#say(cid, text, { alarm: { ackByMs, nextUids, state: "waiting", asked: null, acknowledgedBy: null, acknowledgedAtMs: null } });
  }
  async acknowledge(cid: Cid, seq: number): Promise<Mid> {
    return this.#alter(cid, seq, (message) => ({ ...message, alarm: message.alarm && { ...message.alarm, state: "acknowledged", acknowledgedBy: OWN.uid, acknowledgedAtMs: NOW } }), "acknowledged");
  }
  async edit(cid: Cid, seq: number, text: string): Promise<Mid> {
    return this.#alter(cid, seq, (message) => ({ ...message, text, editedAtMs: NOW, versions: [...message.versions, { text: message.text, writtenAtMs: message.editedAtMs ?? message.sentAtMs }] }), "edited");
  }
  async delete(cid: Cid, seq: number): Promise<Mid> {
    return this.#alter(cid, seq, (message) => ({ ...message, text: "", attachments: [], isDeleted: true, deletedAtMs: NOW }), "deleted");
  }
  async react(cid: Cid, seq: number, emoji: string): Promise<Mid> {
    return this.#alter(cid, seq, (message) => {
      const rest = message.reactions.filter((one) => one.emoji !== emoji);
      const uids = message.reactions.find((one) => one.emoji === emoji)?.uids ?? [];
      return { ...message, reactions: [...rest, { emoji, uids: [...uids, OWN.uid] }] };
    }, "reaction");
  }
  async withdrawReaction(cid: Cid, seq: number, emoji: string): Promise<Mid> {
    return this.#alter(cid, seq, (message) => ({
      ...message,
      reactions: message.reactions
        .map((one) => (one.emoji === emoji ? { emoji, uids: one.uids.filter((uid) => uid !== OWN.uid) } : one))
        .filter((one) => one.uids.length > 0),
    }), "reaction");
  }
  async saveDraft(cid: Cid, draft: SavedDraft): Promise<void> {
    this.calls.push(`saveDraft ${draft.text}`);
    this.#change(cid, { draft: isBlank(draft) ? null : draft });
  }
  async outgoing(cid: Cid): Promise<readonly Outgoing[]> {
    return [...this.#of(cid).outgoing];
  }
  async retry(mid: Mid): Promise<void> {
    for (const held of this.#held.values()) held.outgoing = held.outgoing.map((one) => (one.mid === mid ? { ...one, failed: "" } : one));
  }
  async discard(mid: Mid): Promise<void> {
    for (const held of this.#held.values()) {
      held.outgoing = held.outgoing.filter((one) => one.mid !== mid);
      const failed = held.outgoing.filter((one) => one.failed !== "").length;
      held.conversation = { ...held.conversation, waiting: held.outgoing.length, failed };
    }
  }
  async fetchFile(cid: Cid, seq: number, _index: number): Promise<Uint8Array> {
    if (this.#options.connection === "waiting") throw new EngineError("server_unreachable");
    return this.#options.picture ? this.#options.picture(seq) : new Uint8Array([cid.length]);
  }
  async thumbnail(_cid: Cid, seq: number, _index: number): Promise<Uint8Array | null> {
    return this.#options.picture ? this.#options.picture(seq) : null;
  }
  async typing(_cid: Cid, on: boolean): Promise<void> {
    this.calls.push(`typing ${on}`);
  }
  async cancelFile(): Promise<void> {}
  async setPresence(_presence: Presence): Promise<void> {}
  async tellsReading(): Promise<boolean> {
    return true;
  }
  async setTellsReading(_on: boolean): Promise<void> {}
  async setMarks(cid: Cid, marks: { pinned?: boolean; muted?: boolean }): Promise<void> {
    this.#change(cid, marks);
  }
  async directory(text: string, limit: number): Promise<readonly DirectoryEntry[]> {
    if (this.#options.connection === "waiting") throw new EngineError("server_unreachable");
    return DIRECTORY.filter((one) => matches(text, fullName(one), one.specialty, one.town, one.rpps)).slice(0, limit);
  }
  async identity(uid: Uid): Promise<Who> {
    const found = EVERYBODY.find((one) => one.uid === uid);
    if (!found) throw new EngineError("server_unreachable");
    return member(found).who;
  }
  async createConversation(uids: readonly Uid[], name: string, policy: Partial<Policy> = {}): Promise<Cid> {
    this.#made += 1;
    const cid = cidOf(16 + this.#made);
    const members = EVERYBODY.filter((one) => one.uid === OWN.uid || uids.includes(one.uid)).map((one) => member(one, one.uid === OWN.uid ? "admin" : "member"));
    const [model] = this.#options.seeds;
    if (!model) throw new EngineError("conversation_not_here");
    const conversation: Conversation = {
      ...model.conversation, cid, name, members, policy: { ttlS: 0, history: "nothing", owner: "", ...policy },
      lastSeq: 0, readSeq: 0, unread: 0, last: null, draft: null, waiting: 0, failed: 0, pinned: false, muted: false, activeAtMs: NOW,
    };
    this.#held.set(cid, { conversation, messages: [], outgoing: [] });
    this.announce({ kind: "conversation", cid });
    return cid;
  }
  async rename(cid: Cid, name: string): Promise<Mid> {
    this.#change(cid, { name });
    return this.#say(cid, name, { type: "name" });
  }
  async addMember(cid: Cid, uid: Uid, role: Role): Promise<void> {
    const found = EVERYBODY.find((one) => one.uid === uid);
    if (found) this.#change(cid, { members: [...this.#of(cid).conversation.members, member(found, role)] });
  }
  async removeMember(cid: Cid, uid: Uid): Promise<void> {
    this.#change(cid, { members: this.#of(cid).conversation.members.filter((one) => one.uid !== uid) });
  }
  async setRole(cid: Cid, uid: Uid, role: Role): Promise<void> {
    this.#change(cid, { members: this.#of(cid).conversation.members.map((one) => (one.uid === uid ? { ...one, role } : one)) });
  }
  async setPolicy(cid: Cid, policy: Partial<Policy>): Promise<void> {
    this.#change(cid, { policy: { ...this.#of(cid).conversation.policy, ...policy } });
  }
  async leave(cid: Cid): Promise<Mid> {
    this.#change(cid, { isLeaving: true });
    return this.#say(cid, "", { type: "leave" });
  }
  async warnings(): Promise<readonly ContactWarning[]> {
    return this.#warnings;
  }
  async acceptContact(uid: Uid): Promise<void> {
    this.#warnings = this.#warnings.filter((warning) => warning.uid !== uid);
  }
  async safetyWords(_uid: Uid): Promise<readonly string[]> {
    return ["agrume", "boussole", "clairière", "dossier", "lanterne", "velours"];
  }
  async isVerified(uid: Uid): Promise<boolean> {
    return this.#verified.has(uid);
  }
  async setVerified(uid: Uid, verified: boolean): Promise<void> {
    if (verified) this.#verified.add(uid);
    else this.#verified.delete(uid);
  }
  async close(): Promise<void> {}
}

/** As the views take it.  What only the settings ask (devices, recovery) answers that it is not here. */
export function asEngine(gallery: GalleryEngine): Engine {
  return new Proxy(gallery, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === "function") return value.bind(target);
      return value ?? (() => Promise.reject(new EngineError("server_unreachable")));
    },
  }) as unknown as Engine;
}

