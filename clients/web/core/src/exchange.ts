/**
 * For tests only: lets another program verify what this core makes, and the other way round.
 *
 * Reads one JSON request a line on standard input, `{"do": name, …}`, and writes one JSON answer a line: `{"answer":
 * …}`, or `{"refused": code, "params": {…}}` for a ProtocolError.  Bytes are hexadecimal; a `Map` is an object.
 * Anything else that goes wrong ends the program with its stack on standard error: a refusal without a name is a bug.
 */

import { createInterface } from "node:readline";

import { type Attachment, decryptBlob, decryptRange, encryptBlob, rangeInBlob } from "./attachments.js";
import { signAuth, verifyAuth } from "./auth.js";
import { hex, join, unhex } from "./bytes.js";
import { applyLink, type Chain, verifyChain } from "./chains.js";
import { composeAdd, composeRecover, composeReset, composeRevoke, composeUek } from "./changes.js";
import {
  type Commit,
  openBox,
  openHistory,
  packCommit,
  parseCommit,
  type Policy,
  type Role,
  withBox,
} from "./commits.js";
import { type Alarm, type Body, hashEnvelope, openEnvelope, parseHeader, sealEnvelope } from "./envelopes.js";
import * as errors from "./errors.js";
import { DeviceKeys, openUserKey, sealUserKey, UserKey } from "./keys.js";
import {
  composeGenesis,
  cosign,
  type DevicePublic,
  type Link,
  packLink,
  parseLink,
  type Proof,
  type Who,
} from "./links.js";
import { type Chains, composeCommit, verifyCommit } from "./membership.js";
import { verifyOpcert } from "./opcert.js";
import type { RandomBytes } from "./primitives.js";
import {
  composeReadReceipt,
  coversEnvelope,
  logNext,
  logStart,
  parseReceipt,
  verifyReadReceipt,
  verifyReceipt,
} from "./receipts.js";

/** One JSON value of a request, taken apart by the type that is wanted; a wrong request is a bug of the caller. */
class Json {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  get isNull(): boolean {
    return this.#value === null || this.#value === undefined;
  }

  at(name: string): Json {
    return new Json((this.#value as Record<string, unknown>)[name]);
  }

  get list(): Json[] {
    return (this.#value as unknown[]).map((value) => new Json(value));
  }

  get entries(): [string, Json][] {
    return Object.entries(this.#value as object).map(([name, value]) => [name, new Json(value)]);
  }

  get text(): string {
    return this.#value as string;
  }

  get number(): number {
    return this.#value as number;
  }

  get bytes(): Uint8Array {
    return unhex(this.text);
  }

  orNull<T>(take: (json: Json) => T): T | null {
    return this.isNull ? null : take(this);
  }

  /** A plain record whose byte strings are the fields named. */
  record<T>(...byteFields: string[]): T {
    const entries = this.entries.map(([name, json]) => [
      name,
      byteFields.includes(name) && !json.isNull ? json.bytes : json.#value,
    ]);
    return Object.fromEntries(entries) as T;
  }
}

/** Hands out what the other program drew, in order: both sides can make the same object. */
function drawn(request: Json): RandomBytes {
  let rest = request.at("random").bytes;
  return (size) => {
    if (size > rest.length) throw new RangeError("the request brings too little randomness");
    const taken = rest.slice(0, size);
    rest = rest.subarray(size);
    return taken;
  };
}

function chainOf(request: Json, links: Json, ...further: readonly Link[]): Chain {
  return verifyChain(
    [...links.list.map((link) => parseLink(link.bytes)), ...further],
    request.at("root").bytes,
    request.at("opcerts").list.map((raw) => raw.bytes),
    request.at("nowMs").orNull((now) => now.number),
  );
}

function chainsOf(request: Json): Chains {
  const chains = request.at("chains").list.map((links) => chainOf(request, links));
  return new Map(chains.map((chain) => [hex(chain.uid), chain]));
}

function keysOf(json: Json): DeviceKeys {
  return DeviceKeys.fromSecret(json.bytes);
}

function userKeyOf(json: Json): UserKey {
  return new UserKey(json.at("generation").number, json.at("secret").bytes);
}

function commitsOf(json: Json): Commit[] {
  return json.list.map((commit) => parseCommit(commit.bytes));
}

function bodyOf(json: Json): Body {
  return {
    ...json.record<Body>("mid", "reply"),
    att: json.at("att").list.map(attachmentOf),
    seen: json.at("seen").orNull((seen) => seen.record("log")),
  };
}

function attachmentOf(json: Json): Attachment {
  return json.record("blob", "key", "hash", "thumbnail");
}

function alarmOf(json: Json): Alarm {
  return { ackBy: json.at("ackBy").number, nextUids: json.at("nextUids").list.map((uid) => uid.bytes) };
}

/** A link by the device at hand, cosigned if a device enters; a client checks its own link before it sends it. */
function composeLink(request: Json): Link {
  const op = request.at("op").text;
  const did = request.at("did").bytes;
  const proof = request.at("proof").record<Proof>();
  const tsMs = request.at("tsMs").number;
  const userKey = () => userKeyOf(request.at("userKey"));
  const who = () => request.at("who").record<Who>();
  const entering = () => keysOf(request.at("keys"));
  if (op === "genesis") {
    const uid = request.at("uid").bytes;
    return composeGenesis({ uid, did, keys: entering(), userKey: userKey(), who: who(), proof, tsMs });
  }
  const chain = chainOf(request, request.at("links"));
  if (op === "reset") {
    return composeReset(chain, { did, keys: entering(), userKey: userKey(), who: who(), proof, tsMs });
  }
  const vouched = { proof, tsMs, by: request.at("by").bytes, byKeys: keysOf(request.at("byKeys")) };
  if (op === "revoke") return composeRevoke(chain, { ...vouched, did, userKey: userKey() });
  if (op === "uek") return composeUek(chain, { ...vouched, userKey: userKey() });
  const keys = entering();
  const device: DevicePublic = { did, ik: keys.ikPublic, ek: keys.ekPublic };
  const compose = op === "add" ? composeAdd : composeRecover;
  return cosign(compose(chain, { ...vouched, device }), keys);
}

function describeCommit(commit: Commit): object {
  return { ...commit, bytes: packCommit(commit) };
}

const OPERATIONS: Readonly<Record<string, (request: Json) => unknown>> = {
  errorCodes: () =>
    Object.fromEntries(Object.values(errors).map((error) => [error.name, error.code])),

  publicKeys: (request) => {
    const keys = keysOf(request.at("keys"));
    return { ik: keys.ikPublic, ek: keys.ekPublic, uekPk: userKeyOf(request.at("userKey")).public };
  },
  generateKeys: (request) => {
    const random = drawn(request);
    return { keys: DeviceKeys.generate(random).toSecret(), userKey: UserKey.generate(1, random).toSecret() };
  },
  sealUserKey: (request) =>
    sealUserKey(
      userKeyOf(request.at("userKey")),
      request.at("uid").bytes,
      request.at("did").bytes,
      request.at("ek").bytes,
      drawn(request),
    ),
  openUserKey: (request) =>
    openUserKey(
      request.at("data").bytes,
      request.at("uid").bytes,
      request.at("did").bytes,
      request.at("generation").number,
      keysOf(request.at("keys")),
    ).toSecret(),

  verifyOpcert: (request) => verifyOpcert(request.at("data").bytes, request.at("root").bytes),
  verifyChain: (request) => chainOf(request, request.at("links")),
  verifyLink: (request) => {
    const link = parseLink(request.at("data").bytes);
    return chainOf(request, request.at("links"), link);
  },
  composeLink: (request) => {
    const link = composeLink(request);
    const before = request.at("links").orNull((links) => chainOf(request, links));
    return { bytes: packLink(link), head: applyLink(before, link).head };
  },

  parseCommit: (request) => describeCommit(parseCommit(request.at("data").bytes)),
  openCommit: (request) => {
    const commit = parseCommit(request.at("data").bytes);
    const earlier = commitsOf(request.at("earlier"));
    verifyCommit(commit, earlier.at(-1) ?? null, chainsOf(request));
    const reader = request.at("uid").bytes;
    const userKey = userKeyOf(request.at("userKey"));
    const known = new Map(earlier.map((each) => [each.core.epoch, each]));
    const history = request.at("newcomer").isNull ? new Map() : openHistory(commit, reader, userKey, known);
    return { ...describeCommit(commit), es: openBox(commit, reader, userKey), secrets: history };
  },
  withBox: (request) => {
    const history = request.at("history").orNull((box) => box.bytes);
    const commit = parseCommit(request.at("data").bytes);
    return packCommit(withBox(commit, request.at("uid").bytes, request.at("box").bytes, history));
  },
  composeCommit: (request) => {
    const { commit, es } = composeCommit({
      author: {
        uid: request.at("uid").bytes,
        did: request.at("did").bytes,
        keys: keysOf(request.at("keys")),
      },
      members: new Map(request.at("members").entries.map(([uid, role]) => [uid, role.number as Role])),
      policy: request.at("policy").record<Policy>(),
      chains: chainsOf(request),
      randomBytes: drawn(request),
      previous: commitsOf(request.at("earlier")).at(-1) ?? null,
      secrets: new Map(request.at("secrets").entries.map(([epoch, es]) => [Number(epoch), es.bytes])),
    });
    return { ...describeCommit(commit), es };
  },

  parseHeader: (request) => parseHeader(request.at("data").bytes),
  openEnvelope: (request) =>
    openEnvelope(
      request.at("data").bytes,
      request.at("es").bytes,
      parseCommit(request.at("commit").bytes),
      chainsOf(request),
    ),
  sealEnvelope: (request) =>
    sealEnvelope({
      es: request.at("es").bytes,
      commit: parseCommit(request.at("commit").bytes),
      did: request.at("did").bytes,
      ik: keysOf(request.at("keys")).ik,
      body: bodyOf(request.at("body")),
      randomBytes: drawn(request),
      n: request.at("n").number,
      alarm: request.at("alarm").orNull(alarmOf),
    }),

  encryptBlob: (request) => {
    const pieces = request.at("pieces").list.map((piece) => piece.bytes);
    const size = request.at("size").number;
    return join([...encryptBlob(pieces, size, request.at("key").bytes, request.at("prefix").bytes)]);
  },
  decryptBlob: (request) => decryptBlob(request.at("data").bytes, attachmentOf(request.at("attachment"))),
  decryptRange: (request) => {
    const blob = request.at("data").bytes;
    const attachment = attachmentOf(request.at("attachment"));
    const start = request.at("start").number;
    const stop = request.at("stop").number;
    const [lower, upper] = rangeInBlob(attachment.size, start, stop);
    const plain = decryptRange(blob.subarray(0, 16), blob.slice(lower, upper), attachment, start, stop);
    return { range: [lower, upper], plain };
  },

  verifyReceipt: (request) => {
    const receipt = parseReceipt(request.at("data").bytes);
    verifyReceipt(receipt, verifyOpcert(request.at("opcert").bytes, request.at("root").bytes));
    const env = request.at("env").bytes;
    const log = logNext(logStart(receipt.leaf.cid), hashEnvelope(env), receipt.leaf.seq);
    return { ...receipt, covers: coversEnvelope(receipt, env), follows: log };
  },
  verifyReadReceipt: (request) =>
    verifyReadReceipt(request.at("data").bytes, chainOf(request, request.at("links"))),
  composeReadReceipt: (request) =>
    composeReadReceipt(
      request.at("receipt").record("cid", "log", "uid", "did"),
      keysOf(request.at("keys")).ik,
    ).raw,

  signAuth: (request) =>
    signAuth(keysOf(request.at("keys")).ik, request.at("nonce").bytes, request.at("host").text),
  verifyAuth: (request) =>
    verifyAuth(
      request.at("ik").bytes,
      request.at("nonce").bytes,
      request.at("host").text,
      request.at("data").bytes,
    ),
};

/** `value` for JSON; the earlier states of a chain are left out. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set) return plain([...value].sort());
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== "before");
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}

function answer(request: Json): object {
  const name = request.at("do").text;
  const operation = OPERATIONS[name];
  if (operation === undefined) throw new TypeError(`there is no operation ${name}`);
  try {
    return { answer: plain(operation(request)) };
  } catch (error) {
    if (error instanceof errors.ProtocolError) return { refused: error.code, params: error.params };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(new Json(JSON.parse(line))))}\n`);
}
