/**
 * Who uses this browser just now: nobody yet, somebody whose account is closed, or somebody at work.
 *
 * One tab leads (`tabs`): it alone holds a store's key, and only while the account is open.  The others follow it
 * through `channel`.  A lock closes engine, store and key at once; what was on screen is taken off by the page, which
 * shows nothing of an account whose phase is not "open".
 */

import type { Engine, Enrolment } from "../engine/api.js";
import { EngineError } from "../engine/api.js";
import type { Account, Accounts, LockWay } from "../engine/store/keys.js";
import type { Language } from "../texts/language.js";
import { type Channel, followEngine, serveEngine, tell, type TabMessage } from "./channel.js";
import { soon } from "./soon.js";
import { becomeLeader, type Locks } from "./tabs.js";

/** A store that is open, and what works on it. */
export interface OpenStore {
  /** False until a device is linked: enrolment goes on, or begins. */
  readonly isLinked: boolean;
  openEngine(language: Language): Promise<Engine>;
  openEnrolment(language: Language): Enrolment;
  close(): void;
}

/** What the session is built on; `shell/page-parts.ts` has the real ones. */
export interface Parts {
  readonly accounts: Pick<
    Accounts,
    "list" | "create" | "setLabel" | "unlock" | "unlockWithPin" | "unlockWithPasskey" | "setPin" | "setPasskey" | "removeLock" | "remove"
  >;
  /** In which the server's sentences are asked for. */
  language(): Language;
  openStore(name: string, key: Uint8Array): Promise<OpenStore>;
}

export type Phase =
  | { readonly kind: "starting" }
  /** Another tab leads and shows nothing: closed, or about to open. */
  | { readonly kind: "elsewhere" }
  /** `isFirst`: no other account lives here. */
  | { readonly kind: "enrolling"; readonly enrolment: Enrolment; readonly isFirst: boolean }
  | { readonly kind: "locked"; readonly accounts: readonly Account[] }
  /** `account` null: another tab leads. `isNew`: just linked, not protected yet. */
  | { readonly kind: "open"; readonly engine: Engine; readonly account: Account | null; readonly isNew: boolean }
  | { readonly kind: "failed"; readonly error: EngineError };

/** A leading tab answers within this, unless it is stuck. */
const ANSWER_WITHIN_MS = 3_000;

/** How somebody proves who they are. */
export type Proof = { readonly pin: string } | { readonly prf: Uint8Array };

/** An account and the key of its store. */
interface Keyed {
  readonly name: string;
  readonly key: Uint8Array;
}

interface Opened {
  readonly name: string;
  readonly key: Uint8Array;
  readonly store: OpenStore;
  engine: Engine | null;
  stopServing: () => void;
}

export class Session {
  readonly #channel: Channel;
  readonly #parts: () => Promise<Parts>;
  readonly #watchers = new Set<() => void>();
  #phase: Phase = { kind: "starting" };
  #opened: Opened | null = null;
  #following: Engine | null = null;
  #isLeader = false;
  #giveUp: () => void = () => undefined;
  /** Changes of state one after another: a lock during an opening waits for it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(channel: Channel, parts: () => Promise<Parts>) {
    this.#channel = channel;
    this.#parts = parts;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Be told of every new phase; the answer stops it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Lead, or follow who leads. */
  start(locks: Locks): void {
    this.#channel.addEventListener("message", this.#hear);
    this.#compete(locks);
  }

  /** From a tab that follows a closed one: have it hand over. */
  takeOver(): void {
    tell(this.#channel, { kind: "yield" });
  }

  /** Open an account; `proof` null: it has no lock.  Throws `wrong_pin`, `wrong_passkey`, `account_locked`. */
  async unlock(name: string, proof: Proof | null): Promise<void> {
    const { accounts } = await this.#parts();
    let key: Uint8Array;
    if (proof === null) key = await accounts.unlock(name);
    else if ("pin" in proof) key = await accounts.unlockWithPin(name, proof.pin);
    else key = await accounts.unlockWithPasskey(name, proof.prf);
    await this.#inTurn(() => this.#open(name, key, false));
  }

  /** An account for one more person. */
  async addAccount(): Promise<void> {
    await this.#inTurn(async () => {
      const { accounts } = await this.#parts();
      const isFirst = (await accounts.list()).length === 0;
      await this.#shut();
      await this.#welcome(keyOfNew(accounts), isFirst);
    });
  }

  /** Close what is open; without effect where nothing would ask who comes back. */
  async lock(): Promise<void> {
    if (!this.#isLeader) tell(this.#channel, { kind: "lock" });
    else await this.#inTurn(() => this.#lock());
  }

  /** The device was linked: go to work. */
  async enrolled(): Promise<void> {
    await this.#inTurn(() => this.#work(true));
  }

  /** Leave the enrolment of an account that has no device yet. */
  async giveUpEnrolment(): Promise<void> {
    await this.#inTurn(async () => {
      const name = this.#opened?.name;
      await this.#shut();
      if (name !== undefined) await (await this.#parts()).accounts.remove(name);
      await this.#begin();
    });
  }

  /** Forget an account: its keys and its messages are gone from this browser. */
  async forget(name: string): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#opened?.name === name) await this.#shut();
      await (await this.#parts()).accounts.remove(name);
      await this.#begin();
    });
  }

  /** Ask for this from now on.  Only the leading tab can, and only while the account is open. */
  async protect(secret: { readonly pin: string } | { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array; readonly prf: Uint8Array }): Promise<void> {
    const { accounts } = await this.#parts();
    const { name, key } = this.#mine();
    if ("pin" in secret) await accounts.setPin(name, key, secret.pin);
    else await accounts.setPasskey(name, key, secret);
    await this.#refresh();
  }

  /** Ask for this no more. */
  async unprotect(way: LockWay): Promise<void> {
    const { accounts } = await this.#parts();
    const { name, key } = this.#mine();
    await accounts.removeLock(name, key, way);
    await this.#refresh();
  }

  readonly #hear = ({ data }: MessageEvent<TabMessage>): void => {
    if (!this.#isLeader) return;
    if (data.kind === "lock") void this.lock();
    if (data.kind === "yield" && this.#opened?.engine == null) this.#handOver();
    if (data.kind === "who" && this.#opened?.engine == null) tell(this.#channel, { kind: "leads", isOpen: false });
  };

  #locks: Locks | null = null;

  #compete(locks: Locks): void {
    this.#locks = locks;
    this.#giveUp = becomeLeader(locks, () => {
      this.#isLeader = true;
      void this.#inTurn(() => this.#begin());
    });
    // A free lock is given before this; until then, whoever leads may answer.
    this.#following = followEngine(this.#channel, (isOpen) => {
      if (this.#isLeader || !this.#following) return;
      this.#show(isOpen ? { kind: "open", engine: this.#following, account: null, isNew: false } : { kind: "elsewhere" });
    });
    setTimeout(() => {
      if (!this.#isLeader && this.#phase.kind === "starting") this.#show({ kind: "elsewhere" });
    }, ANSWER_WITHIN_MS);
  }

  #handOver(): void {
    void this.#inTurn(async () => {
      await this.#shut();
      this.#isLeader = false;
      this.#giveUp();
      this.#show({ kind: "elsewhere" });
      if (this.#locks) this.#compete(this.#locks);
    });
  }

  /** Open what opens by itself, else ask. */
  async #begin(): Promise<void> {
    void this.#following?.close();
    this.#following = null;
    const { accounts } = await this.#parts();
    const known = await accounts.list();
    const [latest] = known;
    if (latest === undefined) {
      await this.#welcome(keyOfNew(accounts), true);
    } else if (known.length > 1 || latest.locks.length > 0) {
      this.#show({ kind: "locked", accounts: known });
    } else if (latest.label === "") {
      await this.#welcome(keyOf(accounts, latest.name), true);
    } else {
      await this.#open(latest.name, await accounts.unlock(latest.name), false);
    }
  }

  /** How to link, at once: store and engine are fetched and opened while it is read. */
  async #welcome(opening: Promise<Keyed>, isFirst: boolean): Promise<void> {
    const parts = await this.#parts();
    const opened = opening.then(({ name, key }) => this.#hold(name, key));
    const enrolment = opened.then(({ store }) => store.openEnrolment(parts.language()));
    this.#show({ kind: "enrolling", enrolment: soon(enrolment), isFirst });
    await enrolment;
    // Linked, and closed before the account had its name.
    if ((await opened).store.isLinked) await this.#work(false);
  }

  async #hold(name: string, key: Uint8Array): Promise<Opened> {
    const store = await (await this.#parts()).openStore(name, key);
    this.#opened = { name, key, store, engine: null, stopServing: () => undefined };
    return this.#opened;
  }

  async #open(name: string, key: Uint8Array, isNew: boolean): Promise<void> {
    await this.#shut();
    const { store } = await this.#hold(name, key);
    if (store.isLinked) await this.#work(isNew);
    else await this.#enrol(store);
  }

  async #enrol(store: OpenStore): Promise<void> {
    const parts = await this.#parts();
    const isFirst = (await parts.accounts.list()).length <= 1;
    this.#show({ kind: "enrolling", enrolment: store.openEnrolment(parts.language()), isFirst });
  }

  async #work(isNew: boolean): Promise<void> {
    const parts = await this.#parts();
    const opened = this.#mine();
    const engine = await opened.store.openEngine(parts.language());
    opened.engine = engine;
    opened.stopServing = serveEngine(this.#channel, engine);
    const { who } = await engine.owner();
    const label = `${who.given} ${who.family}`;
    const known = await this.#account(opened.name);
    // Once: a write that is safe on disk keeps somebody waiting at each start.
    if (known?.label !== label) await parts.accounts.setLabel(opened.name, label);
    this.#show({ kind: "open", engine, account: known && { ...known, label }, isNew });
  }

  async #lock(): Promise<void> {
    const known = await (await this.#parts()).accounts.list();
    const current = known.find((one) => one.name === this.#opened?.name);
    if (!current || current.locks.length === 0) return;
    this.#show({ kind: "locked", accounts: known });
    await this.#shut();
  }

  async #shut(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    if (!opened) return;
    opened.stopServing();
    await opened.engine?.close();
    opened.store.close();
    opened.key.fill(0);
  }

  async #refresh(): Promise<void> {
    if (this.#phase.kind === "open") {
      this.#show({ ...this.#phase, account: await this.#account(this.#mine().name), isNew: false });
    }
  }

  async #account(name: string): Promise<Account | null> {
    const known = await (await this.#parts()).accounts.list();
    return known.find((one) => one.name === name) ?? null;
  }

  #mine(): Opened {
    if (!this.#opened) throw new EngineError("account_locked");
    return this.#opened;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    try {
      await done;
    } catch (error) {
      // Whatever could not be opened stays closed; the page says why, and offers to try again.
      await this.#shut();
      this.#show({ kind: "failed", error: error instanceof EngineError ? error : new EngineError("internal", {}, { cause: error }) });
    }
  }

  #show(phase: Phase): void {
    this.#phase = phase;
    for (const watcher of [...this.#watchers]) watcher();
  }
}

async function keyOfNew(accounts: Parts["accounts"]): Promise<Keyed> {
  const { account, key } = await accounts.create();
  return { name: account.name, key };
}

async function keyOf(accounts: Parts["accounts"], name: string): Promise<Keyed> {
  return { name, key: await accounts.unlock(name) };
}
