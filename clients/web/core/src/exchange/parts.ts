/** What several requests bring: keys, chains, randomness.  For tests only. */

import { hex } from "../bytes.js";
import { type Chain, verifyChain } from "../chains.js";
import { type Commit, parseCommit } from "../commits.js";
import { DeviceKeys, UserKey } from "../keys.js";
import { type Link, parseLink } from "../links.js";
import type { Chains } from "../membership.js";
import type { RandomBytes } from "../primitives.js";
import type { Json } from "./json.js";

/** What one request is answered with, by the name in its `do`. */
export type Operations = Readonly<Record<string, (request: Json) => unknown>>;

/** Hands out what the other program drew, in order: both sides can make the same object. */
export function drawn(request: Json): RandomBytes {
  let rest = request.at("random").bytes;
  return (size) => {
    if (size > rest.length) throw new RangeError("the request brings too little randomness");
    const taken = rest.slice(0, size);
    rest = rest.subarray(size);
    return taken;
  };
}

export function chainOf(request: Json, links: Json, ...further: readonly Link[]): Chain {
  return verifyChain(
    [...links.list.map((link) => parseLink(link.bytes)), ...further],
    request.at("root").bytes,
    request.at("opcerts").list.map((raw) => raw.bytes),
    request.at("nowMs").orNull((now) => now.number),
  );
}

export function chainsOf(request: Json): Chains {
  const chains = request.at("chains").list.map((links) => chainOf(request, links));
  return new Map(chains.map((chain) => [hex(chain.uid), chain]));
}

export function keysOf(json: Json): DeviceKeys {
  return DeviceKeys.fromSecret(json.bytes);
}

export function userKeyOf(json: Json): UserKey {
  return new UserKey(json.at("generation").number, json.at("secret").bytes);
}

export function commitsOf(json: Json): Commit[] {
  return json.list.map((commit) => parseCommit(commit.bytes));
}
