/**
 * A person's chain of links, verified: which devices count, which user key is in force, who the person is.  protocol §3
 *
 * A device counts only if both the person's chain and the operator signed it: the operator alone cannot add a device
 * to a living chain, a person alone cannot claim a number in the register.  The operator alone can start a chain
 * (`genesis`) and start it over (`reset`, counted in `Chain.resets` so that clients show it).
 *
 * The operator's signature is judged by the certificate in force at the link's own `ts`: links outlive certificates.
 */

import { equal, hex } from "./bytes.js";
import { LinkForged, LinkNotAllowed, LinkNotCountersigned, LinkOutOfOrder, UnknownLinkHead } from "./errors.js";
import { MAX_DEVICES } from "./limits.js";
import { type DevicePublic, type Link, type LinkCore, type Op, PAPER, type Who } from "./links.js";
import { covers, type OpCert, verifyOpcert } from "./opcert.js";
import { verify } from "./primitives.js";

/** How far a link's `ts` may run ahead of the reader's clock. */
export const FUTURE_TOLERANCE_MS = 5 * 60 * 1000;

/** An active device of a verified chain. */
export interface Device extends DevicePublic {
  /** True for the recovery key: it signs `recover` links and nothing else. */
  readonly paper: boolean;
}

/** The state after a verified link; states are linked backwards, so that any earlier head can be looked up. */
export interface Chain {
  readonly uid: Uint8Array;
  readonly who: Who;
  /** Hash of the last link. */
  readonly head: Uint8Array;
  readonly seq: number;
  /** The active ones by did in hexadecimal, the recovery key included. */
  readonly devices: ReadonlyMap<string, Device>;
  readonly uekGen: number;
  readonly uekPk: Uint8Array;
  readonly tsMs: number;
  /** Devices that counted once; their ids are never used again. */
  readonly revoked: ReadonlySet<string>;
  readonly resets: number;
  readonly before: Chain | null;
}

/** This state, then each earlier one. */
export function* states(chain: Chain): Generator<Chain> {
  for (let state: Chain | null = chain; state !== null; state = state.before) yield state;
}

/** The state whose head is `head`.  Throws UnknownLinkHead if this chain never had it. */
export function stateAt(chain: Chain, head: Uint8Array): Chain {
  for (const state of states(chain)) {
    if (equal(state.head, head)) return state;
  }
  throw new UnknownLinkHead({ uid: hex(chain.uid), seq: chain.seq });
}

/** The device `did` if it was active at `head`; never the recovery key.  Throws UnknownLinkHead. */
export function signerAt(chain: Chain, head: Uint8Array, did: Uint8Array): Device | null {
  return signer(stateAt(chain, head), did);
}

/**
 * The device `did` if it was active at `head` or entered later; never the recovery key.
 *
 * A new device needs no new epoch (protocol §4), so it may write under a commit older than itself, as long as the user
 * key is still the one that the commit was sealed to; a device that was revoked before the commit may not.  Throws
 * UnknownLinkHead.
 */
export function signerSince(chain: Chain, head: Uint8Array, did: Uint8Array): Device | null {
  const pinned = stateAt(chain, head);
  // Devices leave only with a new user key: the last state of a generation holds all that it ever had.
  for (const state of states(chain)) {
    if (state.uekGen === pinned.uekGen) return signer(state, did);
  }
  return null;
}

/** The device `did` if it counted at any time; never the recovery key: what it signed before it was revoked stands. */
export function signerEver(chain: Chain, did: Uint8Array): Device | null {
  for (const state of states(chain)) {
    const device = signer(state, did);
    if (device !== null) return device;
  }
  return null;
}

function signer(state: Chain, did: Uint8Array): Device | null {
  const device = state.devices.get(hex(did));
  return device === undefined || device.paper ? null : device;
}

/**
 * The state after `links`, which follow the verified state `after` (or start the chain).
 *
 * Throws BadOpCert if a certificate is not ROOT's, a LinkError for the first link that does not hold.
 */
export function verifyChain(
  links: Iterable<Link>,
  rootPublic: Uint8Array,
  opcerts: readonly Uint8Array[],
  nowMs: number | null = null,
  after: Chain | null = null,
): Chain {
  const certs = opcerts.map((raw) => verifyOpcert(raw, rootPublic));
  let chain = after;
  for (const link of links) {
    if (nowMs !== null && link.core.ts > nowMs + FUTURE_TOLERANCE_MS) {
      throw new LinkNotAllowed({ rule: "future", seq: link.core.seq });
    }
    checkCountersignature(link, certs);
    chain = applyLink(chain, link);
  }
  if (chain === null) throw new LinkOutOfOrder({ reason: "no_links" });
  return chain;
}

function checkCountersignature({ core, coreBytes, opSig }: Link, certs: readonly OpCert[]): void {
  const inForce = certs.filter((cert) => covers(cert, "identity", core.ts));
  if (opSig === null || !inForce.some((cert) => verify(cert.public, "link-op", coreBytes, opSig))) {
    throw new LinkNotCountersigned({ seq: core.seq });
  }
}

/**
 * The state after `link`: its place, the rules of its operation and the person's signatures are checked.
 *
 * The operator's signature is not: a client calls this on a link it made itself, before the operator has countersigned
 * it, and `verifyChain` on all others.  Throws LinkOutOfOrder, LinkNotAllowed, LinkForged.
 */
export function applyLink(chain: Chain | null, link: Link): Chain {
  const { core } = link;
  if (chain === null) {
    if (core.op !== "genesis" || core.seq !== 1 || core.prev.length !== 0) {
      throw new LinkOutOfOrder({ reason: "no_genesis", seq: core.seq });
    }
  } else if (!equal(core.uid, chain.uid) || core.seq !== chain.seq + 1 || !equal(core.prev, chain.head)) {
    throw new LinkOutOfOrder({ reason: "not_next", seq: core.seq, expected_seq: chain.seq + 1 });
  }
  const rules = RULES[core.op];
  checkFields(rules, chain, core);
  checkSignatures(rules, chain, link);
  return nextState(chain, link);
}

/** What one operation asks for. */
interface Rules {
  /** Who signs `by`; null: nobody. */
  readonly voucher: "device" | "paper" | null;
  /** True: `did` enters with `ik` and `ek`, and signs. */
  readonly enters: boolean;
  /** True: the user key's generation grows by one; false: it stays. */
  readonly newUek: boolean;
  /** True: `who` is required. */
  readonly certifies: boolean;
}

const RULES: Readonly<Record<Op, Rules>> = {
  genesis: { voucher: null, enters: true, newUek: true, certifies: true },
  add: { voucher: "device", enters: true, newUek: false, certifies: false },
  revoke: { voucher: "device", enters: false, newUek: true, certifies: false },
  uek: { voucher: "device", enters: false, newUek: true, certifies: false },
  recover: { voucher: "paper", enters: true, newUek: false, certifies: false },
  reset: { voucher: null, enters: true, newUek: true, certifies: true },
};

function allow(holds: boolean, rule: string, core: LinkCore): void {
  if (!holds) throw new LinkNotAllowed({ rule, seq: core.seq, op: core.op });
}

/** The link says what its operation may say, given the state before. */
function checkFields(rules: Rules, chain: Chain | null, core: LinkCore): void {
  allow((core.ik !== null) === rules.enters && (core.ek !== null) === rules.enters, "device_keys", core);
  allow(core.who !== null || !rules.certifies, "who_missing", core);
  allow((chain === null) === (core.op === "genesis"), "genesis", core);
  if (chain === null) {
    allow(core.uekGen === 1, "first_generation", core);
    allow(core.proof.method !== PAPER, "paper", core);
    return;
  }
  const sameKey = equal(core.uekPk, chain.uekPk);
  if (rules.newUek) allow(core.uekGen === chain.uekGen + 1 && !sameKey, "next_generation", core);
  else allow(core.uekGen === chain.uekGen && sameKey, "same_generation", core);
  if (core.who !== null) {
    // A register number, once certified, is the person's: another one is another person, hence another chain.
    allow(chain.who.rpps === "" || chain.who.rpps === core.who.rpps, "rpps_changed", core);
  }
  checkDevice(rules, chain, core);
}

/** The device that enters is new; the one that leaves was there; the recovery key is the only one. */
function checkDevice(rules: Rules, chain: Chain, core: LinkCore): void {
  const did = hex(core.did);
  const active = [...chain.devices.values()];
  if (rules.enters) {
    const { ik } = core;
    allow(!chain.devices.has(did) && !chain.revoked.has(did), "did_known", core);
    allow(ik !== null && !active.some((device) => equal(device.ik, ik)), "key_known", core);
    // Who lost ten devices at once can revoke none of them before a new one has entered.
    const most = MAX_DEVICES + (core.op === "recover" ? 1 : 0);
    allow(core.op === "reset" || active.length < most, "too_many_devices", core);
  } else {
    allow(chain.devices.has(did), "did_unknown", core);
  }
  if (core.proof.method === PAPER) {
    allow(core.op === "add" && !active.some((device) => device.paper), "paper", core);
  }
}

/** The signatures the operation asks for are there and right, and no other. */
function checkSignatures(rules: Rules, chain: Chain | null, link: Link): void {
  const { core, coreBytes } = link;
  if (rules.voucher === null || chain === null) {
    allow(link.by === null && link.bySig === null, "vouched", core);
  } else {
    const by = link.by === null ? undefined : chain.devices.get(hex(link.by));
    if (by === undefined || by.paper !== (rules.voucher === "paper")) {
      throw new LinkForged({ reason: "voucher", seq: core.seq });
    }
    if (link.bySig === null || !verify(by.ik, "link-by", coreBytes, link.bySig)) {
      throw new LinkForged({ reason: "by_sig", seq: core.seq });
    }
    // A device that leaves must not choose the user key that shuts it out.
    allow(core.op !== "revoke" || !equal(by.did, core.did), "self_revocation", core);
    allow(core.op !== "uek" || equal(by.did, core.did), "uek_of_another", core);
  }
  if (core.ik === null) {
    allow(link.newSig === null, "cosigned", core);
  } else if (link.newSig === null || !verify(core.ik, "link-new", coreBytes, link.newSig)) {
    throw new LinkForged({ reason: "new_sig", seq: core.seq });
  }
}

function nextState(chain: Chain | null, link: Link): Chain {
  const { core } = link;
  const devices = new Map(core.op === "reset" ? [] : chain?.devices);
  if (core.ik !== null && core.ek !== null) {
    devices.set(hex(core.did), { did: core.did, ik: core.ik, ek: core.ek, paper: core.proof.method === PAPER });
  } else if (core.op === "revoke") {
    devices.delete(hex(core.did));
  }
  const who = core.who ?? chain?.who;
  if (who === undefined) throw new LinkNotAllowed({ rule: "who_missing", seq: core.seq, op: core.op });
  const left = [...(chain?.devices.keys() ?? [])].filter((did) => !devices.has(did));
  return {
    uid: core.uid,
    who,
    head: link.hash,
    seq: core.seq,
    devices,
    uekGen: core.uekGen,
    uekPk: core.uekPk,
    tsMs: core.ts,
    revoked: new Set([...(chain?.revoked ?? []), ...left]),
    resets: (chain?.resets ?? 0) + (core.op === "reset" ? 1 : 0),
    before: chain,
  };
}
