/**
 * One WebSocket, kept alive: connects, authenticates with the device's key, and connects again.  protocol §7
 *
 * The rules of the conversation with the server are `session`'s; this shell moves the bytes, watches the clock and
 * decides when to try again.  Never authenticated by URL or cookie.  A browser does not tell why a handshake failed, so
 * a `Retry-After` there is not seen: the growing pauses do.  Whoever knows that the page slept calls `hurry`.
 */

import { signAuth } from "@miss/core/auth.js";

import type { Announcer } from "./announcer.js";
import type { ConnectionState } from "./api.js";
import { NotConnected } from "./errors.js";
import { type Report, SUBPROTOCOL } from "./frames.js";
import { hostOf, socketUrl } from "./http.js";
import type { Cid, Mid } from "./ids.js";
import type { Platform } from "./platform.js";
import { type Rate, TokenBucket } from "./rates.js";
import type { ServerTime } from "./serverTime.js";
import { ClientSession, CloseCode, type SessionEvent } from "./session.js";
import type { DeviceRecord } from "./store/device.js";
import { sleep, Wake } from "./waiting.js";

const FIRST_PAUSE_S = 1;
const MAX_PAUSE_S = 60;
const OPEN_TIMEOUT_S = 10;
/** Awake, between two connections made to ask the time: a telephone in a pocket sleeps after every packet. */
const ASK_TIME_EVERY_S = 60;
/** Deposits a second at least, whatever the server announces. */
const SLOWEST_PER_S = 0.01;
/** Refusals that say that this device, or its owner, does not count any more. */
const TURNED_AWAY: ReadonlySet<string> = new Set(["device_revoked", "account_not_active"]);

/** Refusal of a device that the server does not know, or of a signature that is not its. */
const UNKNOWN = "auth_refused";

/** Seconds before the `attempt`-th try in a row (from 1): within one, then doubling up to 60; `fraction`: 0 ≤ … < 1. */
export function pauseBefore(attempt: number, fraction: number): number {
  if (attempt <= 1) return FIRST_PAUSE_S * fraction;
  const longest = Math.min(MAX_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(attempt - 1, 10));
  return longest * (0.5 + fraction / 2);
}

/** What a connection tells; all of it synchronously. */
export interface ConnectionUser {
  /** Where the last catching up stood: see `auth`. */
  readonly resume: () => number | null;
  /** Every event after `hello`, `ready` first. */
  readonly receive: (event: SessionEvent) => void;
  /** An open connection ended. */
  readonly lost: () => void;
  /** The server will not have this device, or its owner, any more. */
  readonly turnedAway: () => void;
  /** It does not know this device: true if it may next time. */
  readonly rescue: () => Promise<boolean>;
}

/** The connection of one device; `run` lasts until it is stopped or the server will not have the device. */
export class Connection {
  readonly #platform: Platform;
  readonly #serverUrl: string;
  readonly #device: DeviceRecord;
  readonly #time: ServerTime;
  readonly #announcer: Announcer;
  readonly #user: ConnectionUser;
  readonly #wake = new Wake();
  #isStopped = false;
  #session: ClientSession | null = null;
  #rate: Rate = { burst: 1, perS: SLOWEST_PER_S };
  #pace: TokenBucket | null = null;
  #askedPauseS = 0;
  #askedTimeAtS = Number.NEGATIVE_INFINITY;
  #pause: Wake | null = null;
  /** Why the last connection ended, if it was the server's decision. */
  refusal = "";
  state: ConnectionState = "connecting";
  /** Connections that were ever open: tells one from the next. */
  opened = 0;

  constructor(
    platform: Platform,
    serverUrl: string,
    device: DeviceRecord,
    time: ServerTime,
    announcer: Announcer,
    user: ConnectionUser,
  ) {
    this.#platform = platform;
    this.#serverUrl = serverUrl;
    this.#device = device;
    this.#time = time;
    this.#announcer = announcer;
    this.#user = user;
  }

  // What others ask of it

  get isOpen(): boolean {
    return this.#session?.isOpen ?? false;
  }

  /** Keep to the server's pace for deposits: resolves when the next one may go.  Throws Stopped. */
  async waitTurn(signal: AbortSignal): Promise<void> {
    const waitS = this.#pace?.take(this.#nowS()) ?? 0;
    if (waitS === 0) return;
    await sleep(this.#platform, waitS * 1000, signal);
    this.#pace?.take(this.#nowS());
  }

  /** Deposit an envelope; the answer comes as an event.  Throws NotConnected. */
  sendEnvelope(mid: Mid, cid: Cid, env: Uint8Array): void {
    this.#open().sendEnvelope(mid, cid, env);
    this.#wake.set();
  }

  /** Ask for a range of the log; the answer comes as an event.  Throws NotConnected. */
  pull(cid: Cid, fromSeq: number, toSeq: number, limit: number): void {
    this.#open().pull(cid, fromSeq, toSeq, limit);
    this.#wake.set();
  }

  /** Say something that has no answer of its own.  Throws NotConnected. */
  report(frame: Report): void {
    this.#open().report(frame);
    this.#wake.set();
  }

  #open(): ClientSession {
    if (this.#session === null) throw new NotConnected();
    return this.#session;
  }

  /** End the connection, and make no other: this device does not count any more. */
  stop(): void {
    this.#isStopped = true;
    this.#wake.set();
    this.#pause?.set();
  }

  /** The network is back, or the page: do not wait for the next attempt, and see whether the server is still there. */
  hurry(): void {
    this.#pause?.set();
    this.#session?.probe(this.#nowS());
    this.#wake.set();
  }

  #nowS(): number {
    return this.#platform.monotonicMs() / 1000;
  }

  // Staying connected

  /** Connect and stay connected.  Ends by itself when the server will not have this device; throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!this.#isStopped) {
      this.#announce("connecting");
      this.refusal = "";
      this.#askedPauseS = 0;
      const { wasOpen, reconnects } = await this.#connectOnce(signal);
      if (!reconnects && !(this.refusal === UNKNOWN && (await this.#user.rescue()))) break;
      attempt = wasOpen ? 1 : attempt + 1;
      this.#announce("waiting");
      const [first = 0, second = 0] = this.#platform.randomBytes(2);
      const fraction = (first * 256 + second) / 65536;
      // All who were told to come back then do not come back at once.
      const pauseS = Math.max(pauseBefore(attempt, fraction), this.#askedPauseS * (1 + fraction / 2));
      await this.#rest(pauseS, signal);
    }
    this.#announce("refused");
  }

  async #rest(pauseS: number, signal: AbortSignal): Promise<void> {
    // Who was asked to wait is not hurried.
    this.#pause = this.#askedPauseS > 0 ? null : new Wake();
    try {
      await (this.#pause ?? new Wake()).wait(this.#platform, signal, pauseS * 1000);
    } finally {
      this.#pause = null;
    }
  }

  #announce(state: ConnectionState): void {
    this.state = state;
    const params = this.#askedPauseS > 0 ? { retry_after_s: Math.ceil(this.#askedPauseS) } : {};
    this.#announcer.announce({ kind: "connection", state, reason: this.refusal, params });
  }

  /** Whether the connection was ever open, and whether to try again. */
  async #connectOnce(signal: AbortSignal): Promise<{ readonly wasOpen: boolean; readonly reconnects: boolean }> {
    const session = new ClientSession(this.#nowS());
    let code: number | null = null;
    let wasOpen = false;
    try {
      code = await this.#serve(session, signal);
    } finally {
      this.#session = null;
      wasOpen = this.#pace !== null;
      this.#pace = null;
      if (wasOpen) this.#user.lost();
    }
    const last = session.closeCode ?? code;
    if (session.closeCode !== null && this.refusal === "") this.refusal = `closed_${session.closeCode}`;
    const isOut = last === CloseCode.REVOKED || TURNED_AWAY.has(this.refusal) || (wasOpen && last === CloseCode.AUTH);
    if (isOut && !this.#isStopped) this.#user.turnedAway();
    return { wasOpen, reconnects: session.reconnectsAfter(last) };
  }

  /** Drive one session over one socket until either ends; the code that the socket was closed with, if any. */
  async #serve(session: ClientSession, signal: AbortSignal): Promise<number | null> {
    const socket = this.#platform.openSocket(socketUrl(this.#serverUrl), SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    let closed: number | null = null;
    let isOver = false;
    const openBy = this.#nowS() + OPEN_TIMEOUT_S;
    const end = (code: number | null): void => {
      isOver = true;
      closed ??= code;
      this.#wake.set();
    };
    socket.onopen = () => {
      if (socket.protocol !== SUBPROTOCOL) session.close(CloseCode.PROTOCOL);
      this.#wake.set();
    };
    socket.onclose = (event: CloseEvent) => end(event.code);
    socket.onerror = () => (socket.readyState === socket.CONNECTING ? end(null) : undefined);
    socket.onmessage = (event: MessageEvent) => {
      if (event.data instanceof ArrayBuffer) session.receive(new Uint8Array(event.data), this.#nowS());
      else session.close(CloseCode.PROTOCOL);
      this.#wake.set();
    };
    this.#session = session;
    try {
      while (!isOver && session.closeCode === null) {
        const isOpen = socket.readyState === socket.OPEN;
        if (!isOpen && this.#nowS() >= openBy) break;
        this.#turn(session, isOpen ? socket : null);
        if (session.closeCode !== null || (session.isOpen && this.#asksTime())) break;
        const wakeAtS = isOpen ? session.wakeAtS : Math.min(openBy, session.wakeAtS);
        await this.#wake.wait(this.#platform, signal, Math.max(0, wakeAtS - this.#nowS()) * 1000);
        this.#wake.clear();
      }
      // What arrived before the end still counts.
      for (const event of session.events()) this.#take(event, session);
    } finally {
      socket.onopen = socket.onclose = socket.onerror = socket.onmessage = null;
      socket.close(session.closeCode ?? 1000);
    }
    return closed;
  }

  /** True if another hello is needed, which alone tells the time. */
  #asksTime(): boolean {
    const nowS = this.#nowS();
    if (!this.#time.hasStepped() || nowS - this.#askedTimeAtS < ASK_TIME_EVERY_S) return false;
    this.#askedTimeAtS = nowS;
    return true;
  }

  /** Take what came in, send what is to go out. */
  #turn(session: ClientSession, socket: WebSocket | null): void {
    if (this.#isStopped) session.close(CloseCode.REVOKED);
    session.tick(this.#nowS());
    for (const event of session.events()) this.#take(event, session);
    if (socket === null) return;
    for (const frame of session.framesToSend()) socket.send(frame);
  }

  #take(event: SessionEvent, session: ClientSession): void {
    if (event.kind === "hello") {
      this.#time.note(event.serverTs);
      const signature = signAuth(this.#device.keys.ik, event.nonce, hostOf(this.#serverUrl));
      session.authenticate(this.#device.did, signature, this.#time.nowMs(), this.#user.resume());
      this.#rate = { burst: Math.max(event.sendBurst, 1), perS: Math.max(event.sendPerS, SLOWEST_PER_S) };
    } else if (event.kind === "ready") {
      this.#pace = new TokenBucket(this.#rate, this.#nowS());
      this.opened += 1;
      this.#announce("open");
      this.#user.receive(event);
    } else if (event.kind === "err" && event.fatal) {
      this.refusal = event.code;
      this.#askedPauseS = Math.min(event.retryAfterS ?? 0, MAX_PAUSE_S);
    } else {
      this.#user.receive(event);
    }
  }
}
