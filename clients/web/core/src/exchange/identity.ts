/** Keys, certificates, links, connecting.  For tests only. */

import { signAuth, verifyAuth } from "../auth.js";
import { applyLink } from "../chains.js";
import { composeAdd, composeRecover, composeReset, composeRevoke, composeUek, sealUserKeyFor } from "../changes.js";
import { DeviceKeys, openUserKey, sealUserKey, UserKey } from "../keys.js";
import {
  composeGenesis,
  cosign,
  type DevicePublic,
  type Link,
  packLink,
  parseLink,
  type Proof,
  type Who,
} from "../links.js";
import { verifyOpcert } from "../opcert.js";
import type { Json } from "./json.js";
import { chainOf, drawn, keysOf, type Operations, userKeyOf } from "./parts.js";

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

export const IDENTITY: Operations = {
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
  sealUserKeyFor: (request) =>
    sealUserKeyFor(chainOf(request, request.at("links")), userKeyOf(request.at("userKey")), drawn(request)),
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
