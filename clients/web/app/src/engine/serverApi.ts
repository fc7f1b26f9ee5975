/**
 * The server's HTTP endpoints for conversations and people, one method each; `identityApi` has the others.  §7
 *
 * Decodes and nothing more: what comes back is as trustworthy as the server, until `identities` and `epochs` have
 * verified it.
 */

import { signAuth } from "@miss/core/auth.js";
import { concat, uint64 } from "@miss/core/bytes.js";
import { hash } from "@miss/core/primitives.js";

import type { DirectoryEntry, PushOutcome } from "./api.js";
import { readHeadLine } from "./codec.js";
import { asBytes, asInteger, asText, Entries, Fields } from "./fields.js";
import type { Head } from "./frames.js";
import type { HttpExchange, TokenSource } from "./http.js";
import { IdentityApi } from "./identityApi.js";
import { type BlobId, type Cid, hex, type Ms, type Uid, unhex } from "./ids.js";
import type { Packed } from "./msgpack.js";
import type { ServerTime } from "./serverTime.js";
import type { DeviceRecord } from "./store/device.js";

/** A person's links as sent, oldest first. */
export interface ChainAnswer {
  readonly links: readonly Uint8Array[];
  readonly opcerts: readonly Uint8Array[];
}

/** Commit (digests in place of boxes) and the asker's own boxes of one epoch. */
export interface CommitLine {
  readonly commit: Uint8Array;
  readonly box: Uint8Array | null;
  readonly history: Uint8Array | null;
}

/** A deposit receipt, the envelope it is about (empty: deleted), and the certificates to check it by. */
export interface ReceiptAnswer {
  readonly receipt: Uint8Array;
  readonly env: Uint8Array;
  readonly opcerts: readonly Uint8Array[];
}

/** What an author deleted. */
export interface DeletionLine {
  readonly cid: Cid;
  readonly seq: number;
  readonly tombstone: Uint8Array;
}

/** Tombstones by conversation and place, oldest first; `cursor`: where the next page begins. */
export interface DeletionsAnswer {
  readonly deletions: readonly DeletionLine[];
  readonly more: boolean;
  readonly cursor: string;
}

/** The key to subscribe with (null: the server wakes nobody), and what is registered for this device. */
export interface PushAnswer {
  readonly key: Uint8Array | null;
  readonly endpointHash: Uint8Array | null;
}

/** What a linked device may ask.  Every method throws ServerRefused and ServerUnreachable. */
export class ServerApi {
  readonly #http: HttpExchange;
  readonly #device: DeviceRecord;
  readonly #host: string;
  readonly #time: ServerTime;
  #token = "";
  readonly identity: IdentityApi;

  /** `host`: the server's name, which signatures cover (lower case, no port). */
  constructor(http: HttpExchange, device: DeviceRecord, host: string, time: ServerTime) {
    this.#http = http;
    this.#device = device;
    this.#host = host;
    this.#time = time;
    this.identity = new IdentityApi(http, this.#getToken);
  }

  /** The connection's `ready` brought a fresh one. */
  takeToken(token: string): void {
    this.#token = token;
  }

  readonly #getToken: TokenSource = async (renew) => {
    if (renew || this.#token === "") {
      const body = this.#signed("http-token");
      this.#token = await this.#http.exchange("POST", "/api/chat/token", (answer) => answer.text("token"), { body });
    }
    return this.#token;
  };

  /** What stands for a token where there is none: the device's signature over this moment, for one use. */
  #signed(label: string): { readonly [name: string]: Packed } {
    const did = unhex(this.#device.did);
    const ts = this.#time.nowMs();
    const nonce = hash(label, concat(did, uint64(ts)));
    return { did, ts, sig: signAuth(this.#device.keys.ik, nonce, this.#host) };
  }

  /** The operator's statements of restores after that epoch; asked without a token. */
  fetchRestorations(after: number): Promise<readonly Uint8Array[]> {
    const read = (answer: Entries): readonly Uint8Array[] => answer.list("restorations", (one) => asBytes(one));
    return this.#http.exchange("GET", "/api/chat/restorations", read, { query: { after } });
  }

  /** Give back links that a restore lost, in the order of their chain; how many were missing.  Without a token. */
  putBackLinks(links: readonly Uint8Array[]): Promise<number> {
    const read = (answer: Entries): number => answer.integer("added");
    return this.#http.exchange("POST", "/api/chat/restored-links", read, { body: { links } });
  }

  // People

  /** The owner's own chain; answered to a revoked device as well, which reads there that it was. */
  fetchOwnChain(): Promise<ChainAnswer> {
    return this.#http.exchange("POST", "/api/chat/own-chain", readChain, { body: this.#signed("own-chain") });
  }

  fetchChain(uid: Uid): Promise<ChainAnswer> {
    return this.#http.exchange("GET", `/api/chat/users/${uid}/chain`, readChain, { token: this.#getToken });
  }

  searchDirectory(text: string, limit: number): Promise<readonly DirectoryEntry[]> {
    const read = (answer: Entries): readonly DirectoryEntry[] => answer.list("entries", readDirectoryLine);
    return this.#http.exchange("GET", "/api/chat/directory", read, { query: { q: text, limit }, token: this.#getToken });
  }

  /** Minutes after which this person's devices lock at the latest; null: nobody says. */
  fetchLockLimit(): Promise<number | null> {
    const read = (answer: Entries): number | null => answer.maybe("lock_after_min_max", (value) => asInteger(value));
    return this.#http.exchange("GET", "/api/chat/imposed", read, { token: this.#getToken });
  }

  // Conversations

  /** Compare-and-swap: refused with `stale_epoch` or `stale_link` if something moved meanwhile. */
  sendCommit(commit: Uint8Array): Promise<void> {
    return this.#http.tell("POST", "/api/chat/commits", { body: { commit }, token: this.#getToken });
  }

  fetchHeads(): Promise<readonly Head[]> {
    const read = (answer: Entries): readonly Head[] => answer.list("conversations", readHeadLine);
    return this.#http.exchange("GET", "/api/chat/conversations", read, { token: this.#getToken });
  }

  /** In order, from that epoch on. */
  fetchCommits(cid: Cid, fromEpoch: number): Promise<readonly CommitLine[]> {
    const asked = { query: { from_epoch: fromEpoch }, token: this.#getToken };
    return this.#http.exchange("GET", `/api/chat/conversations/${cid}/commits`, readCommits, asked);
  }

  /** What authors deleted since an instant, where this person may read; `cursor`: of the page before, or empty. */
  fetchDeletions(sinceMs: Ms, cursor: string): Promise<DeletionsAnswer> {
    const asked = { query: { since: sinceMs, after: cursor }, token: this.#getToken };
    return this.#http.exchange("GET", "/api/chat/deletions", readDeletions, asked);
  }

  fetchReceipt(cid: Cid, seq: number): Promise<ReceiptAnswer> {
    const read = (answer: Entries): ReceiptAnswer => ({
      receipt: answer.bytes("receipt"),
      env: answer.bytes("env"),
      opcerts: answer.byteStrings("opcerts"),
    });
    return this.#http.exchange("GET", `/api/chat/conversations/${cid}/receipts/${seq}`, read, { token: this.#getToken });
  }

  /** Stop the alarm at `seq`; the first acknowledgement stands, later ones change nothing. */
  acknowledge(cid: Cid, seq: number, acknowledgement: Uint8Array): Promise<void> {
    const path = `/api/chat/conversations/${cid}/alarms/${seq}/acknowledgement`;
    return this.#http.tell("POST", path, { body: { acknowledgement }, token: this.#getToken });
  }

  // Waking this device while it is closed

  fetchPush(): Promise<PushAnswer> {
    const read = (answer: Entries): PushAnswer => ({
      key: answer.maybe("key", (value) => asBytes(value, 65, 65)),
      endpointHash: answer.maybe("endpoint_hash", (value) => asBytes(value, 32, 32)),
    });
    return this.#http.exchange("GET", "/api/chat/push", read, { token: this.#getToken });
  }

  /** Refused with `push_off`, `push_key_former`, `push_service_refused`. */
  putPush(body: { readonly [name: string]: Packed }): Promise<void> {
    return this.#http.tell("PUT", "/api/chat/push", { body, token: this.#getToken });
  }

  deletePush(): Promise<void> {
    return this.#http.tell("DELETE", "/api/chat/push", { token: this.#getToken });
  }

  testPush(): Promise<PushOutcome> {
    const read = (answer: Entries): PushOutcome => answer.text("outcome") as PushOutcome;
    return this.#http.exchange("POST", "/api/chat/push/test", read, { token: this.#getToken });
  }

  // Files

  uploadBlob(content: Uint8Array): Promise<BlobId> {
    return this.#http.exchange("POST", "/api/chat/blobs", readId, { content, token: this.#getToken });
  }

  /** A blob of that size, to be sent in parts. */
  beginUpload(sizeBytes: number): Promise<BlobId> {
    return this.#http.exchange("POST", "/api/chat/blobs", readId, { query: { size: sizeBytes }, token: this.#getToken });
  }

  /** How much the server has now; refused with `upload_offset` if it has not what comes before `offset`. */
  sendPart(blobId: BlobId, offset: number, content: Uint8Array): Promise<number> {
    const asked = { content, headers: { "Upload-Offset": String(offset) }, token: this.#getToken };
    return this.#http.exchange("PATCH", `/api/chat/blobs/${blobId}`, readOffset, asked);
  }

  /** How much of a blob of ours the server has. */
  fetchOffset(blobId: BlobId): Promise<number> {
    return this.#http.exchange("GET", `/api/chat/blobs/${blobId}/upload`, readOffset, { token: this.#getToken });
  }

  /** The bytes of a blob from `start` up to `stop`. */
  fetchBlobPart(blobId: BlobId, start: number, stop: number, signal: AbortSignal): Promise<Uint8Array> {
    const headers = { Range: `bytes=${start}-${stop - 1}` };
    return this.#http.fetchBytes(`/api/chat/blobs/${blobId}`, { headers, token: this.#getToken, signal });
  }
}

function readChain(answer: Entries): ChainAnswer {
  return { links: answer.byteStrings("links"), opcerts: answer.byteStrings("opcerts") };
}

function readCommits(answer: Entries): readonly CommitLine[] {
  const orNull = (value: Packed): Uint8Array | null => (value === null ? null : asBytes(value));
  const boxes = answer.list("boxes", orNull);
  const histories = answer.list("histories", orNull);
  return answer
    .byteStrings("commits")
    .map((commit, at) => ({ commit, box: boxes[at] ?? null, history: histories[at] ?? null }));
}

function readDeletions(answer: Entries): DeletionsAnswer {
  const deletions = answer.list("deletions", (value) => {
    const line = new Fields(value);
    return { cid: line.id(32), seq: line.ordinal(), tombstone: line.bytes(1, 1024) };
  });
  return { deletions, more: answer.boolean("more"), cursor: answer.text("cursor") };
}

function readId(answer: Entries): BlobId {
  return answer.id("id", 16);
}

function readOffset(answer: Entries): number {
  return answer.integer("offset");
}

function readDirectoryLine(value: Packed): DirectoryEntry {
  const line = new Entries(value);
  const text = (name: string): string => line.maybe(name, (one) => asText(one)) ?? "";
  return {
    uid: line.maybe("uid", (one) => hex(asBytes(one, 16, 16))),
    rpps: text("rpps"),
    family: line.text("family"),
    given: line.text("given"),
    profession: text("profession"),
    specialty: text("specialty"),
    town: text("town"),
    awayUntil: text("away_until"),
    successor: line.maybe("successor", (one) => {
      const successor = new Entries(one);
      return {
        uid: successor.maybe("uid", (uid) => hex(asBytes(uid, 16, 16))),
        family: successor.text("family"),
        given: successor.text("given"),
        untilMs: successor.maybe("until_ms", (ms) => asInteger(ms)) ?? 0,
      };
    }),
  };
}
