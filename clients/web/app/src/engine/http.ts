/**
 * One HTTP exchange with the server, and what its failures are called.  protocol §7
 *
 * Bodies are MessagePack both ways; a refusal is {code, text, params}.  Nothing is retried here but a token that has
 * expired.  No cookie is sent: what a device may do it may by its token alone.
 */

import { EngineError, ServerRefused, ServerUnreachable } from "./errors.js";
import { Entries } from "./fields.js";
import { decode, encode, type Packed, Unreadable } from "./msgpack.js";
import type { Platform } from "./platform.js";

const MSGPACK = "application/msgpack";
const BYTES = "application/octet-stream";
const TIMEOUT_MS = 30_000;

/** `await token(renew)`: an HTTP token; `renew` asks for another one, since the last was refused. */
export type TokenSource = (renew: boolean) => Promise<string>;

export interface Asked {
  /** Packed as MessagePack. */
  readonly body?: Packed;
  /** Sent as it is, in place of `body`. */
  readonly content?: Uint8Array;
  readonly query?: { readonly [name: string]: string | number };
  readonly headers?: { readonly [name: string]: string };
  readonly token?: TokenSource;
  /** Whoever asked may give up; the answer is then `EngineError("stopped")`. */
  readonly signal?: AbortSignal;
}

/** Requests to one server. */
export class HttpExchange {
  readonly #platform: Platform;
  readonly #serverUrl: string;
  readonly #language: "fr" | "en";

  constructor(platform: Platform, serverUrl: string, language: "fr" | "en") {
    this.#platform = platform;
    this.#serverUrl = serverUrl.replace(/\/+$/, "");
    this.#language = language;
  }

  /**
   * Ask, and read what comes back with `read`, which throws Unreadable for what it does not know.
   *
   * Throws ServerRefused, ServerUnreachable.
   */
  async exchange<T>(method: string, path: string, read: (answer: Entries) => T, asked: Asked = {}): Promise<T> {
    const answer = await this.#send(method, path, asked);
    try {
      return read(new Entries(decode(answer.data)));
    } catch (error) {
      if (error instanceof Unreadable) throw new ServerUnreachable("unreadable_answer");
      throw error;
    }
  }

  /** As `exchange`, where nothing in the answer matters. */
  async tell(method: string, path: string, asked: Asked = {}): Promise<void> {
    await this.exchange(method, path, () => undefined, asked);
  }

  /** The bytes of an answer, as they are.  Throws ServerRefused, ServerUnreachable. */
  async fetchBytes(path: string, asked: Asked): Promise<Uint8Array> {
    return (await this.#send("GET", path, asked)).data;
  }

  async #send(method: string, path: string, asked: Asked): Promise<Answer> {
    let refused: ServerRefused | null = null;
    for (const renew of [false, true]) {
      const token = asked.token === undefined ? null : await asked.token(renew);
      const answer = await this.#request(method, path, asked, token);
      if (answer.isSuccess) return answer;
      refused = readRefusal(answer);
      if (token === null || refused.code !== "token_refused") break;
    }
    throw refused ?? new ServerUnreachable("no_answer");
  }

  async #request(method: string, path: string, asked: Asked, token: string | null): Promise<Answer> {
    const content = asked.content ?? (asked.body === undefined ? null : encode(asked.body));
    const headers: Record<string, string> = {
      Accept: MSGPACK,
      "Accept-Language": this.#language,
      ...(content === null ? {} : { "Content-Type": asked.body === undefined ? BYTES : MSGPACK }),
      ...asked.headers,
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    };
    const url = this.#serverUrl + path + queryOf(asked.query);
    const cut = new AbortController();
    const undo = this.#platform.later(() => cut.abort(), TIMEOUT_MS);
    const stop = (): void => cut.abort();
    asked.signal?.addEventListener("abort", stop, { once: true });
    const end = (): void => {
      undo();
      asked.signal?.removeEventListener("abort", stop);
    };
    const options = { method, headers, signal: cut.signal, credentials: "omit", cache: "no-store" } as const;
    try {
      const body = content === null ? {} : { body: content as Uint8Array<ArrayBuffer> };
      const response = await this.#platform.fetch(url, { ...options, ...body });
      const data = new Uint8Array(await response.arrayBuffer());
      return { isSuccess: response.ok, status: response.status, data };
    } catch {
      if (asked.signal?.aborted === true) throw new EngineError("stopped");
      throw new ServerUnreachable(cut.signal.aborted ? "timeout" : "network");
    } finally {
      end();
    }
  }
}

/** What came back, read whole. */
interface Answer {
  readonly isSuccess: boolean;
  readonly status: number;
  readonly data: Uint8Array;
}

function queryOf(query: Asked["query"]): string {
  if (query === undefined) return "";
  const pairs = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return `?${new URLSearchParams(pairs as [string, string][]).toString()}`;
}

/** What the server said no with.  Throws ServerUnreachable if it is not MiSS that answered. */
function readRefusal(answer: Answer): ServerRefused {
  try {
    const said = new Entries(decode(answer.data));
    const details = said.maybe("params", (value) => value) ?? {};
    const isMap = typeof details === "object" && !Array.isArray(details) && !(details instanceof Uint8Array);
    const text = said.maybe("text", (value) => (typeof value === "string" ? value : ""));
    return new ServerRefused(said.text("code"), text ?? "", isMap ? (details as Record<string, Packed>) : {});
  } catch (error) {
    if (error instanceof Unreadable) throw new ServerUnreachable("not_miss", answer.status);
    throw error;
  }
}

/** `wss://host/api/chat/socket` for `https://host`. */
export function socketUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  return `${url.protocol === "https:" ? "wss" : "ws"}://${url.host}/api/chat/socket`;
}

/** The name that signatures cover: lower case, without the port. */
export function hostOf(serverUrl: string): string {
  return new URL(serverUrl).hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}
