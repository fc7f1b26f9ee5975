/**
 * The client's side of one connection, without I/O: bytes and the time in, events and bytes out.  protocol §7
 *
 * It answers `hello` with what the shell signs, numbers requests and brings each answer back to its request.  What to
 * do about a refusal or a silence (repeat under another reference, re-encrypt, ask a person) is its user's decision.
 */

import { decodeFrame, encodeFrame } from "./codec.js";
import { BadFrame, NotConnected } from "./errors.js";
import {
  type Ack,
  type AlarmChanged,
  type ClientFrame,
  type Del,
  type EpochChanged,
  type Err,
  type Heads,
  type Hello,
  type LinkAdded,
  type Msg,
  type Page,
  type Presence,
  type Pull,
  type Read,
  type Ready,
  type Recv,
  type Report,
  type Send,
  type ServerFrame,
  type Typing,
} from "./frames.js";
import type { Cid, Did, Mid } from "./ids.js";

const PING_EVERY_S = 25;
const DEAD_AFTER_S = 60;
/** How long the server has to answer when there is reason to doubt. */
const PROBE_S = 10;

/** WebSocket close codes of our own (RFC 6455 §7.4.2 leaves 4000 – 4999 to applications). */
export const CloseCode = {
  AUTH: 4001,
  PROTOCOL: 4002,
  REVOKED: 4003,
  SLOW: 4008,
  REPLACED: 4009,
  RESTART: 4010,
  RATE: 4029,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const RECONNECTING: ReadonlySet<number> = new Set([CloseCode.SLOW, CloseCode.RESTART, CloseCode.RATE]);
const OURS: ReadonlySet<number> = new Set(Object.values(CloseCode));

/** The answer to a request of this connection: `ack` or `err` to a `send`, `page` or `err` to a `pull`. */
export interface Answered {
  readonly kind: "answered";
  readonly request: Send | Pull;
  readonly answer: Ack | Page | Err;
}
/** The server discarded what it had queued: pull, and make what was not answered again under new references. */
export interface Lagged {
  readonly kind: "lagged";
  readonly unanswered: readonly (Send | Pull)[];
}
export type SessionEvent =
  | (Hello | Answered | Lagged | Ready | Heads | Msg | Recv | Read | EpochChanged | LinkAdded)
  | (Typing | Presence | Err | Del | AlarmChanged);

type State = "connected" | "helloReceived" | "authSent" | "open" | "closed";

export class ClientSession {
  #state: State = "connected";
  #heardAtS: number;
  #pingedAtS: number;
  #outgoing: Uint8Array<ArrayBuffer>[] = [];
  #events: SessionEvent[] = [];
  readonly #pending = new Map<number, Send | Pull>();
  #nextRef = 1;
  #hasAuthenticated = false;
  /** Set once this side has to end the connection. */
  closeCode: CloseCode | null = null;

  constructor(nowS: number) {
    this.#heardAtS = nowS;
    this.#pingedAtS = nowS;
  }

  // What comes in

  /** Take one binary WebSocket message.  Anything a server may not send closes with 4002. */
  receive(data: Uint8Array, nowS: number): void {
    if (this.closeCode !== null) return;
    this.#heardAtS = nowS;
    try {
      const frame = decodeFrame(data);
      if (frame.kind === "unknown") {
        if (frame.critical) throw new BadFrame("unknown_kind");
      } else if (this.#state === "open") this.#take(frame);
      else this.#takeEarly(frame);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      this.close(CloseCode.PROTOCOL);
    }
  }

  /** Before the connection is open: `hello`, then `ready`, or a refusal at any time. */
  #takeEarly(frame: ServerFrame): void {
    if (frame.kind === "hello" && this.#state === "connected") this.#state = "helloReceived";
    else if (frame.kind === "ready" && this.#state === "authSent") this.#state = "open";
    else if (frame.kind !== "err") throw new BadFrame("not_authenticated");
    this.#events.push(frame);
  }

  #take(frame: ServerFrame): void {
    switch (frame.kind) {
      case "ping":
        return this.#send({ kind: "pong", t: frame.t });
      case "pong":
        return;
      case "ack":
      case "page":
        return this.#answer(frame.ref, frame);
      case "err":
        if (frame.ref !== null) return this.#answer(frame.ref, frame);
        break;
      case "lag":
        this.#events.push({ kind: "lagged", unanswered: this.unanswered });
        this.#pending.clear();
        return;
      case "hello":
      case "ready":
        throw new BadFrame("wrong_direction");
      default:
    }
    this.#events.push(frame);
  }

  #answer(ref: number, answer: Ack | Page | Err): void {
    const request = this.#pending.get(ref);
    // Answered before a `lag` cleared it, or forgotten: the repetition gets its own answer.
    if (request === undefined) return;
    this.#pending.delete(ref);
    const fits =
      answer.kind === "err" ||
      (answer.kind === "ack" && request.kind === "send" && request.mid === answer.mid) ||
      (answer.kind === "page" && request.kind === "pull" && request.cid === answer.cid);
    if (!fits) throw new BadFrame("wrong_answer");
    this.#events.push({ kind: "answered", request, answer });
  }

  /** What came in since the last call, in order. */
  events(): readonly SessionEvent[] {
    return this.#events.splice(0);
  }

  // What the client does

  /** True from `ready` to the end. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Requests still waiting: what to repeat on the next connection. */
  get unanswered(): readonly (Send | Pull)[] {
    return [...this.#pending.values()];
  }

  /** Answer `hello`; `sig` covers its nonce.  Does nothing if the connection has ended meanwhile. */
  authenticate(did: Did, sig: Uint8Array, ts: number, resume: number | null): void {
    if (this.#state !== "helloReceived") return;
    this.#state = "authSent";
    this.#hasAuthenticated = true;
    this.#send({ kind: "auth", did, ts, sig, resume });
  }

  /** Deposit an envelope.  Throws NotConnected. */
  sendEnvelope(mid: Mid, cid: Cid, env: Uint8Array): void {
    this.#request({ kind: "send", ref: this.#nextRef, mid, cid, env });
  }

  /** Ask for a range, both ends included.  Throws NotConnected. */
  pull(cid: Cid, fromSeq: number, toSeq: number, limit: number): void {
    this.#request({ kind: "pull", ref: this.#nextRef, cid, fromSeq, toSeq, limit });
  }

  #request(frame: Send | Pull): void {
    if (!this.isOpen) throw new NotConnected();
    this.#pending.set(frame.ref, frame);
    this.#nextRef += 1;
    this.#send(frame);
  }

  /** Say something that has no answer of its own.  Dropped unless `isOpen`. */
  report(frame: Report): void {
    if (this.isOpen) this.#send(frame);
  }

  /** End the connection.  The first reason given stands. */
  close(code: CloseCode): void {
    if (this.closeCode !== null) return;
    this.closeCode = code;
    this.#state = "closed";
  }

  /** True if the client connects again by itself after the connection ended with `code` (null: no close frame). */
  reconnectsAfter(code: number | null): boolean {
    // The network, a proxy or a crash: not the server's decision.
    if (code === null || !OURS.has(code)) return true;
    // Too slow to answer `hello`: the device itself was not judged.
    if (code === CloseCode.AUTH && !this.#hasAuthenticated) return true;
    return RECONNECTING.has(code);
  }

  // What goes out

  #send(frame: ClientFrame): void {
    this.#outgoing.push(encodeFrame(frame));
  }

  /** Remove and return what waits, each to be sent as one binary message. */
  framesToSend(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#outgoing.splice(0);
  }

  // Time

  /** Let time pass: ask whether the server is there; close with 4008 if it has been silent for too long. */
  tick(nowS: number): void {
    if (this.closeCode !== null) return;
    if (nowS - this.#heardAtS >= DEAD_AFTER_S) this.close(CloseCode.SLOW);
    else if (this.isOpen && nowS - this.#pingedAtS >= PING_EVERY_S) {
      this.#pingedAtS = nowS;
      this.#send({ kind: "ping", t: Math.floor(nowS * 1000) });
    }
  }

  /** Ask now whether the server is there, and give it little time: the page was asleep, or the network has changed. */
  probe(nowS: number): void {
    if (!this.isOpen) return;
    this.#heardAtS = Math.min(this.#heardAtS, nowS - DEAD_AFTER_S + PROBE_S);
    this.#pingedAtS = nowS;
    this.#send({ kind: "ping", t: Math.floor(nowS * 1000) });
  }

  /** When `tick` has something to do at the latest, if nothing else happens. */
  get wakeAtS(): number {
    const deadAtS = this.#heardAtS + DEAD_AFTER_S;
    return this.isOpen ? Math.min(deadAtS, this.#pingedAtS + PING_EVERY_S) : deadAtS;
  }
}
