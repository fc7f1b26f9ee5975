/** Commits, envelopes, attachments, receipts.  For tests only. */

import { type Attachment, decryptBlob, decryptRange, encryptBlob, rangeInBlob } from "../attachments.js";
import { join } from "../bytes.js";
import {
  type Commit,
  openBox,
  openHistory,
  packCommit,
  parseCommit,
  type Policy,
  type Role,
  withBox,
} from "../commits.js";
import { type Alarm, type Body, hashEnvelope, openEnvelope, parseHeader, sealEnvelope } from "../envelopes.js";
import { composeCommit, verifyCommit } from "../membership.js";
import { verifyOpcert } from "../opcert.js";
import {
  composeReadReceipt,
  coversEnvelope,
  logNext,
  logStart,
  parseReceipt,
  verifyReadReceipt,
  verifyReceipt,
} from "../receipts.js";
import type { Json } from "./json.js";
import { chainOf, chainsOf, commitsOf, drawn, keysOf, type Operations, userKeyOf } from "./parts.js";

function bodyOf(json: Json): Body {
  return {
    ...json.record<Body>("mid", "reply"),
    att: json.at("att").list.map(attachmentOf),
    seen: json.at("seen").orNull((seen) => seen.record("log")),
    mentions: json.at("mentions").list.map((uid) => uid.bytes),
  };
}

function attachmentOf(json: Json): Attachment {
  return json.record("blob", "key", "hash", "thumbnail");
}

function alarmOf(json: Json): Alarm {
  return { ackBy: json.at("ackBy").number, nextUids: json.at("nextUids").list.map((uid) => uid.bytes) };
}

function describeCommit(commit: Commit): object {
  return { ...commit, bytes: packCommit(commit) };
}

export const CONVERSATIONS: Operations = {
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
};
