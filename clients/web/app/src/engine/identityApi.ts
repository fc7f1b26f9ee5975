/**
 * The server's HTTP endpoints for devices, user keys, pairing and recovery, one each.  protocol §5, §7
 *
 * Decodes and nothing more, as `serverApi` does: what comes back is as trustworthy as the server until it is verified.
 * Functions are for who has no device yet, `IdentityApi` for a linked device.
 */

import type { Who } from "@miss/core/links.js";

import { asBytes, asInteger, Entries, Fields } from "./fields.js";
import type { HttpExchange, TokenSource } from "./http.js";
import { type Cid, type Did, hex, type Ms, type Uid, unhex } from "./ids.js";
import type { Packed } from "./msgpack.js";

/** The longest the server keeps a question about a pairing waiting. */
const WAIT = { wait_s: 20 };

/** Who an activation code is for, and the keys to check the server by. */
export interface ActivationAnswer {
  readonly uid: Uid;
  readonly who: Who;
  readonly root: Uint8Array;
  readonly opcerts: readonly Uint8Array[];
  readonly serverTs: Ms;
  /** The person's chain so far; empty before the first device. */
  readonly links: readonly Uint8Array[];
}

/** What a recovery begins with. */
export interface RecoveryAnswer {
  readonly uid: Uid;
  readonly root: Uint8Array;
  readonly opcerts: readonly Uint8Array[];
  readonly links: readonly Uint8Array[];
  readonly wraps: readonly Uint8Array[];
  /** The user key, sealed to the recovery key. */
  readonly box: Uint8Array;
  readonly serverTs: Ms;
}

/** One own device as the server lists it. */
export interface DeviceLine {
  readonly did: Did;
  readonly name: string;
  readonly paper: boolean;
  readonly lastSeen: Ms | null;
}

/** The generation in force, and its key sealed to the asking device if another device made it. */
export interface UserKeyAnswer {
  readonly generation: number;
  readonly box: Uint8Array | null;
}

/** Vault entries in the order of conversation and epoch, sealed under the user key of `generation`. */
export interface VaultPage {
  readonly generation: number;
  readonly entries: readonly (readonly [cid: Uint8Array, epoch: number, sealed: Uint8Array])[];
  readonly more: boolean;
}

/** Links after those that were known, by person. */
export interface ChainsAnswer {
  readonly chains: ReadonlyMap<Uid, readonly Uint8Array[]>;
  readonly opcerts: readonly Uint8Array[];
  readonly more: boolean;
}

/** The recovery key as the server knows it. */
export interface RecoveryStateAnswer {
  readonly wraps: readonly Uint8Array[];
  readonly testedAt: Ms | null;
}

// Without a device

/**
 * Who the code is for; `purpose`: "device" or "reset".
 *
 * Throws ServerRefused (`wrong_activation_code`…), ServerUnreachable, as every call here.
 */
export function checkActivation(
  http: HttpExchange,
  rpps: string,
  code: string,
  purpose: "device" | "reset",
): Promise<ActivationAnswer> {
  return http.exchange("POST", "/api/chat/activation", readActivation, { body: { rpps, code, purpose } });
}

function readActivation(answer: Entries): ActivationAnswer {
  const who = answer.entries("who");
  return {
    uid: answer.id("uid", 16),
    who: {
      rpps: who.text("rpps"),
      family: who.text("family"),
      given: who.text("given"),
      profession: who.text("profession"),
    },
    root: answer.bytes("root"),
    opcerts: answer.byteStrings("opcerts"),
    serverTs: answer.integer("server_ts"),
    links: answer.byteStrings("links"),
  };
}

/** The link, countersigned; the code is used up.  The same link again gets the same answer. */
export function linkDevice(
  http: HttpExchange,
  rpps: string,
  code: string,
  link: Uint8Array,
  name: string,
  purpose: "device" | "reset",
): Promise<Uint8Array> {
  return http.exchange("POST", "/api/chat/devices", readLink, { body: { rpps, code, link, name, purpose } });
}

function readLink(answer: Entries): Uint8Array {
  return answer.bytes("link");
}

/** What a recovery begins with; uses nothing up. */
export function openRecovery(http: HttpExchange, rpps: string, ticket: string): Promise<RecoveryAnswer> {
  return http.exchange("POST", "/api/chat/recovery/open", readRecovery, { body: { rpps, code: ticket } });
}

function readRecovery(answer: Entries): RecoveryAnswer {
  return {
    uid: answer.id("uid", 16),
    root: answer.bytes("root"),
    opcerts: answer.byteStrings("opcerts"),
    links: answer.byteStrings("links"),
    wraps: answer.byteStrings("wraps"),
    box: answer.bytes("box"),
    serverTs: answer.integer("server_ts"),
  };
}

/** The `recover` link, countersigned; `box`: the user key for the new device.  The same link again: the same. */
export function linkRecovered(
  http: HttpExchange,
  rpps: string,
  ticket: string,
  link: Uint8Array,
  box: Uint8Array,
  name: string,
): Promise<Uint8Array> {
  const body = { rpps, code: ticket, link, box, name };
  return http.exchange("POST", "/api/chat/recovery/devices", readLink, { body });
}

/** Lay the new device's offer into a pairing slot; refused with `pairing_taken` if it holds another. */
export function putOffer(http: HttpExchange, slot: Uint8Array, offer: Uint8Array): Promise<void> {
  return http.tell("PUT", `/api/chat/pairing/${hex(slot)}/offer`, { body: { offer } });
}

/** The answer of the other device; null: none yet, ask again.  `signal` stops it (`stopped`). */
export function waitForAnswer(
  http: HttpExchange,
  slot: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  const read = (answer: Entries): Uint8Array | null => answer.maybe("answer", (value) => asBytes(value));
  const asked = { query: WAIT, ...(signal === undefined ? {} : { signal }) };
  return http.exchange("GET", `/api/chat/pairing/${hex(slot)}/answer`, read, asked);
}

/** The `add` link, cosigned, back countersigned; `box`: the user key for the new device. */
export function linkPaired(
  http: HttpExchange,
  slot: Uint8Array,
  link: Uint8Array,
  box: Uint8Array,
  name: string,
): Promise<Uint8Array> {
  return http.exchange("POST", `/api/chat/pairing/${hex(slot)}/device`, readLink, { body: { link, box, name } });
}

/** What a linked device may ask.  Every method throws ServerRefused and ServerUnreachable. */
export class IdentityApi {
  readonly #http: HttpExchange;
  readonly #token: TokenSource;

  constructor(http: HttpExchange, token: TokenSource) {
    this.#http = http;
    this.#token = token;
  }

  // Devices and chains

  fetchDevices(): Promise<readonly DeviceLine[]> {
    const read = (answer: Entries): readonly DeviceLine[] => answer.list("devices", readDevice);
    return this.#http.exchange("GET", "/api/chat/devices", read, { token: this.#token });
  }

  renameDevice(did: Did, name: string): Promise<void> {
    return this.#http.tell("PATCH", `/api/chat/devices/${did}`, { body: { name }, token: this.#token });
  }

  /** Each person's links after the number given; at most 500 people. */
  fetchChains(want: readonly (readonly [Uid, number])[]): Promise<ChainsAnswer> {
    const body = { want: want.map(([uid, seq]) => [unhex(uid), seq]) };
    return this.#http.exchange("POST", "/api/chat/chains", readChains, { body, token: this.#token });
  }

  // User key and vault

  fetchUserKey(): Promise<UserKeyAnswer> {
    const read = (answer: Entries): UserKeyAnswer => ({
      generation: answer.integer("generation", 1),
      box: answer.maybe("box", (value) => asBytes(value)),
    });
    return this.#http.exchange("GET", "/api/chat/user-key", read, { token: this.#token });
  }

  /** The entries that follow conversation and epoch `after` (null: the first). */
  fetchVault(after: readonly [Cid, number] | null, limit: number): Promise<VaultPage> {
    const query = after === null ? { limit } : { limit, after: `${after[0]},${after[1]}` };
    return this.#http.exchange("GET", "/api/chat/vault", readVault, { query, token: this.#token });
  }

  /**
   * A rotation (`revoke`, `uek`) or the entry of a recovery key (`add`, with `wraps`); the link countersigned.
   *
   * Refused with `stale_link` or `link_out_of_order` if the chain moved, `vault_incomplete` with what is missing.
   */
  sendLink(
    link: Uint8Array,
    boxes: readonly (readonly [did: Uint8Array, sealed: Uint8Array])[],
    vault: readonly (readonly [cid: Uint8Array, epoch: number, sealed: Uint8Array])[] = [],
    wraps: readonly Uint8Array[] = [],
  ): Promise<Uint8Array> {
    const body = { link, boxes, vault, ...(wraps.length > 0 ? { wraps } : {}) };
    return this.#http.exchange("POST", "/api/chat/links", readLink, { body, token: this.#token });
  }

  // Recovery key

  fetchRecovery(): Promise<RecoveryStateAnswer> {
    const read = (answer: Entries): RecoveryStateAnswer => ({
      wraps: answer.byteStrings("wraps"),
      testedAt: answer.maybe("tested_at", (value) => asInteger(value)),
    });
    return this.#http.exchange("GET", "/api/chat/recovery", read, { token: this.#token });
  }

  /** Every wrap of the recovery key, in the place of those there were. */
  putWraps(wraps: readonly Uint8Array[]): Promise<void> {
    return this.#http.tell("PUT", "/api/chat/recovery/wraps", { body: { wraps }, token: this.#token });
  }

  /** When the server wrote the test down. */
  reportRecoveryTested(sig: Uint8Array, ts: Ms): Promise<Ms> {
    const read = (answer: Entries): Ms => answer.integer("tested_at");
    return this.#http.exchange("POST", "/api/chat/recovery/tested", read, { body: { sig, ts }, token: this.#token });
  }

  // Pairing, on the device that lets another in

  /** When the slot expires. */
  openPairing(slot: Uint8Array): Promise<Ms> {
    const read = (answer: Entries): Ms => answer.integer("expires_at");
    return this.#http.exchange("POST", "/api/chat/pairing", read, { body: { slot }, token: this.#token });
  }

  /** The offer of the new device; null: none yet, ask again. */
  waitForOffer(slot: Uint8Array): Promise<Uint8Array | null> {
    const read = (answer: Entries): Uint8Array | null => answer.maybe("offer", (value) => asBytes(value));
    const asked = { query: WAIT, token: this.#token };
    return this.#http.exchange("GET", `/api/chat/pairing/${hex(slot)}/offer`, read, asked);
  }

  putAnswer(slot: Uint8Array, answer: Uint8Array): Promise<void> {
    return this.#http.tell("PUT", `/api/chat/pairing/${hex(slot)}/answer`, { body: { answer }, token: this.#token });
  }

  cancelPairing(slot: Uint8Array): Promise<void> {
    return this.#http.tell("DELETE", `/api/chat/pairing/${hex(slot)}`, { token: this.#token });
  }
}

function readDevice(value: Packed): DeviceLine {
  const line = new Entries(value);
  return {
    did: line.id("did", 16),
    name: line.text("name"),
    paper: line.boolean("paper"),
    lastSeen: line.maybe("last_seen", (one) => asInteger(one)),
  };
}

function readChains(answer: Entries): ChainsAnswer {
  const chains = answer.list("chains", (value) => {
    const line = new Fields(value);
    return [line.id(16), line.values((link) => asBytes(link))] as const;
  });
  return {
    chains: new Map(chains),
    opcerts: answer.byteStrings("opcerts"),
    more: answer.maybe("more", (value) => value === true) ?? false,
  };
}

function readVault(answer: Entries): VaultPage {
  const entries = answer.list("entries", (value) => {
    const entry = new Fields(value);
    return [entry.bytes(32, 32), entry.ordinal(), entry.bytes()] as const;
  });
  return { generation: answer.integer("generation", 1), entries, more: answer.boolean("more") };
}
