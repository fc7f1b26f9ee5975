/**
 * The desk: follows the engine's events, keeps what the pages show (`state/desk`), and does what they ask.
 *
 * Listens before it reads, so nothing falls between.  Refuses to fail in silence: what the engine refuses is said
 * (`onTrouble`).  Works without a page, hence tested without one.
 */
import { type Cid, type Engine, type EngineEvent, isBlank, type Message, type Ms, type SavedDraft } from "../engine/api.js";
import {
  type Ask,
  type DeskState,
  EMPTY_DESK,
  reduce,
  withConversation,
  withFewThreads,
  withOutgoing,
  withThread,
} from "../state/desk.js";
import { emptyThread, firstUnreadIndex, indexOfSeq, withMessages } from "../state/thread.js";

const FIRST_PAGE = 60;
const NEXT_PAGE = 200;
/** Whoever goes on scrolling back gets more at a time: as much again, up to this. */
const MOST_PAGE = 600;
/** Towards a place far back. */
const FAR_PAGE = 1000;
const KEPT_THREADS = 4;

export class Desk {
  state: DeskState = EMPTY_DESK;
  /** Told of everything that was refused. */
  onTrouble: (error: unknown) => void = () => undefined;
  /** Told of each event once the state holds it: for sounds, notices, the reading aloud of a new message. */
  onEvent: (event: EngineEvent) => void = () => undefined;
  readonly #engine: Engine;
  readonly #now: () => Ms;
  readonly #watchers = new Set<() => void>();
  readonly #loading = new Map<Cid, Promise<void>>();
  readonly #asked = new Set<string>();
  #stop: (() => void) | null = null;

  constructor(engine: Engine, now: () => Ms) {
    this.#engine = engine;
    this.#now = now;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #set(next: DeskState): void {
    if (next === this.state) return;
    this.state = next;
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Listen, then read everything that the list shows. */
  async start(): Promise<void> {
    this.#stop = this.#engine.subscribe((event) => this.#hear(event));
    await this.act(async () => {
      const engine = this.#engine;
      const [own, connection, conversations, alarms, warnings] = await Promise.all([
        engine.owner(),
        engine.connectionState(),
        engine.conversations(),
        engine.openAlarms(),
        engine.warnings(),
      ]);
      const known = new Map(conversations.map((conversation) => [conversation.cid, conversation]));
      // An engine that was at work before this page was shown has said long ago that it is in step.
      const synced = this.state.synced || connection === "open";
      this.#set({ ...this.state, own, connection, synced, conversations: known, alarms, warnings, loaded: true });
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #hear(event: EngineEvent): void {
    const { desk, asks } = reduce(this.state, event, this.#now());
    this.#set(desk);
    for (const ask of asks) this.#ask(ask);
    this.onEvent(event);
  }

  /** Ask once what several events in a row make necessary. */
  #ask(ask: Ask): void {
    const key = JSON.stringify(ask);
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    queueMicrotask(() => {
      this.#asked.delete(key);
      void this.act(() => this.#fetch(ask));
    });
  }

  async #fetch(ask: Ask): Promise<void> {
    switch (ask.kind) {
      case "conversation": {
        const conversation = await this.#engine.conversation(ask.cid);
        return this.#set(withConversation(this.state, conversation));
      }
      case "outgoing": {
        const outgoing = await this.#engine.outgoing(ask.cid);
        return this.#set(withOutgoing(this.state, ask.cid, outgoing));
      }
      case "warnings": {
        const warnings = await this.#engine.warnings();
        return this.#set({ ...this.state, warnings });
      }
      case "alarms": {
        const alarms = await this.#engine.openAlarms();
        return this.#set({ ...this.state, alarms });
      }
    }
  }

  /** Do something with the engine; what it refuses is said.  The answer is undefined then. */
  async act<T>(work: (engine: Engine) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(this.#engine);
    } catch (error) {
      // Whoever stopped it knows.
      if (!isStopped(error)) this.onTrouble(error);
      return undefined;
    }
  }

  /** Do something that writes into `cid`, then show what waits there. */
  async write<T>(cid: Cid, work: (engine: Engine) => Promise<T>): Promise<T | undefined> {
    const answer = await this.act(work);
    this.#ask({ kind: "outgoing", cid });
    this.#ask({ kind: "conversation", cid });
    return answer;
  }

  /** Load the end of a conversation, and stand the separator behind what has been read. */
  async open(cid: Cid): Promise<void> {
    const conversation = this.state.conversations.get(cid);
    if (!conversation) return;
    const known = this.state.threads.get(cid);
    const openedAtSeq = conversation.readSeq;
    if (known) {
      this.#set(withThread(this.state, cid, { ...known, openedAtSeq }));
      return;
    }
    this.#set(withFewThreads(withThread(this.state, cid, emptyThread(openedAtSeq)), cid, KEPT_THREADS));
    await this.act(async (engine) => {
      const page = Math.min(FAR_PAGE, Math.max(FIRST_PAGE, conversation.unread + 20));
      const [messages, outgoing, deliveredTo, readBy] = await Promise.all([
        engine.messages(cid, null, page),
        engine.outgoing(cid),
        engine.deliveredTo(cid),
        engine.readBy(cid),
      ]);
      const thread = this.state.threads.get(cid) ?? emptyThread(openedAtSeq);
      const read = { ...thread, outgoing, deliveredTo, readBy, reachesStart: messages.length < page };
      this.#set(withThread(this.state, cid, withMessages(read, messages)));
    });
  }

  /** One page further back; one at a time. */
  older(cid: Cid, asked?: number): Promise<void> {
    const running = this.#loading.get(cid);
    if (running) return running;
    const thread = this.state.threads.get(cid);
    const first = thread?.messages[0];
    if (!thread || thread.reachesStart || !first) return Promise.resolve();
    const limit = asked ?? Math.min(MOST_PAGE, Math.max(NEXT_PAGE, thread.messages.length));
    const loading = this.act(async (engine) => {
      const messages = await engine.messages(cid, first.seq, limit);
      const now = this.state.threads.get(cid);
      if (!now) return;
      this.#set(withThread(this.state, cid, withMessages({ ...now, reachesStart: messages.length < limit }, messages)));
    }).finally(() => this.#loading.delete(cid));
    this.#loading.set(cid, loading as Promise<void>);
    return loading as Promise<void>;
  }

  /** Load as far back as `seq`, without a hole.  False: it is not here. */
  async reach(cid: Cid, seq: number): Promise<boolean> {
    for (;;) {
      const thread = this.state.threads.get(cid);
      if (!thread) return false;
      if (indexOfSeq(thread.messages, seq) >= 0) return true;
      const first = thread.messages[0];
      if (thread.reachesStart || !first || first.seq < seq) return false;
      await this.older(cid, FAR_PAGE);
      if (this.state.threads.get(cid)?.messages[0] === first) return false;
    }
  }

  /** The first message that was not read when the conversation was opened; null: there is none. */
  async firstUnread(cid: Cid): Promise<number | null> {
    const opened = this.state.threads.get(cid);
    if (!opened) return null;
    await this.reach(cid, opened.openedAtSeq + 1);
    const thread = this.state.threads.get(cid) ?? opened;
    return thread.messages[firstUnreadIndex(thread)]?.seq ?? null;
  }

  /** What the reader has seen, up to the last message shown. */
  async markRead(cid: Cid, seq: number): Promise<void> {
    const conversation = this.state.conversations.get(cid);
    if (!conversation || conversation.readSeq >= seq) return;
    await this.act((engine) => engine.markRead(cid, seq));
    this.#ask({ kind: "conversation", cid });
  }

  async markAllRead(): Promise<void> {
    const unread = [...this.state.conversations.values()].filter((conversation) => conversation.unread > 0);
    for (const conversation of unread) await this.markRead(conversation.cid, conversation.lastSeq);
  }

  refreshWarnings(): void {
    this.#ask({ kind: "warnings" });
  }

  /** The separator goes away: everything was seen. */
  settle(cid: Cid): void {
    const thread = this.state.threads.get(cid);
    const last = thread?.messages.at(-1);
    if (thread && last && thread.openedAtSeq < last.seq) {
      this.#set(withThread(this.state, cid, { ...thread, openedAtSeq: last.seq }));
    }
  }

  /** Keep what is being written; shown at once, so that whoever comes back before the engine has kept it finds it. */
  async saveDraft(cid: Cid, draft: SavedDraft): Promise<void> {
    const conversation = this.state.conversations.get(cid);
    if (conversation) this.#set(withConversation(this.state, { ...conversation, draft: isBlank(draft) ? null : draft }));
    await this.act((engine) => engine.saveDraft(cid, draft));
    this.#ask({ kind: "conversation", cid });
  }

  /** A message by its place, from what is loaded or from the engine. */
  async message(cid: Cid, seq: number): Promise<Message | undefined> {
    const messages = this.state.threads.get(cid)?.messages ?? [];
    return messages[indexOfSeq(messages, seq)] ?? (await this.act((engine) => engine.message(cid, seq)));
  }
}

function isStopped(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "stopped";
}
