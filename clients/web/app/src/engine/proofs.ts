/**
 * Proofs of messages, exported: who wrote what, when it was deposited, verifiable offline by anybody.  protocol §6
 *
 *     proof = [v, root, env, MK, [core, conf], links, opcerts, receipt]
 *
 * Everything comes from the store.  The server is asked only for the receipt of somebody else's message, and for an
 * envelope that is not here; what it answers counts only if the proof made of it holds and proves the very message that
 * is shown here.  Neither the epoch's secret nor any other message follows from MK.
 */

import { type Chain, signerAt, stateAt, states, verifyChain } from "@miss/core/chains.js";
import { type Commit, memberOf } from "@miss/core/commits.js";
import { openEnvelope, parseHeader } from "@miss/core/envelopes.js";
import {
  BadEnvelope,
  OpCertRefused,
  ReceiptForged,
  SenderNotMember,
  UnknownSender,
} from "@miss/core/errors.js";
import { parseLink } from "@miss/core/links.js";
import { MAX_ENVELOPE_BYTES } from "@miss/core/limits.js";
import { covers, type OpCert, verifyOpcert } from "@miss/core/opcert.js";
import { bytes, Form, integer, list, pack, struct } from "@miss/core/packing.js";
import { derive, hash, VERSION } from "@miss/core/primitives.js";
import { coversEnvelope, type DepositReceipt, parseReceipt, verifyReceipt } from "@miss/core/receipts.js";

import { EngineError } from "./errors.js";
import { type Cid, hex } from "./ids.js";
import type { LogMessage } from "./model.js";
import type { ServerApi } from "./serverApi.js";
import type { DeviceRecord } from "./store/device.js";
import type { Store } from "./store/store.js";

interface Proof {
  readonly v: number;
  readonly root: Uint8Array;
  readonly env: Uint8Array;
  readonly mk: Uint8Array;
  readonly commit: { readonly core: Uint8Array; readonly conf: Uint8Array };
  readonly links: readonly Uint8Array[];
  readonly opcerts: readonly Uint8Array[];
  readonly receipt: Uint8Array;
}

const some = bytes(0, Infinity);
const PROOF = struct<Proof>({
  v: integer(),
  root: bytes(32),
  env: some,
  mk: bytes(32),
  commit: struct<Proof["commit"]>({ core: some, conf: bytes(32) }),
  links: list(some),
  opcerts: list(some),
  receipt: some,
});
const ENVELOPE = new Form(
  struct<{ hdr: Uint8Array; kc: Uint8Array; ct: Uint8Array }>({ hdr: some, kc: bytes(32), ct: some }),
  BadEnvelope,
  MAX_ENVELOPE_BYTES,
);

/** What one device can prove. */
export class Proofs {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #api: ServerApi;

  constructor(store: Store, device: DeviceRecord, api: ServerApi) {
    this.#store = store;
    this.#device = device;
    this.#api = api;
  }

  /**
   * The proof of the message at `seq`, verified.  It opens that message: hand it out as you would the message.
   *
   * Throws `message_not_here`, `message_not_provable`; a ProtocolError if the server gave a receipt that proves nothing;
   * ServerRefused, ServerUnreachable if it is needed and does not answer.
   */
  async export(cid: Cid, seq: number): Promise<Uint8Array> {
    const { device, evidence, messages } = this.#store;
    const message = messages.find(cid, seq);
    if (message === null) throw new EngineError("message_not_here", { seq });
    if (message.uid === null) throw new EngineError("message_not_provable", { reason: "not_shown" });
    const kept = await evidence.find(cid, seq);
    if (kept !== null && kept.receipt !== null) return this.#prove(message, kept.env, kept.receipt, device.opcerts());
    const answer = await this.#api.fetchReceipt(cid, seq);
    const env = kept?.env ?? answer.env;
    if (env.length === 0) throw new EngineError("message_not_provable", { reason: "expired" });
    const proof = this.#prove(message, env, answer.receipt, [...device.opcerts(), ...answer.opcerts]);
    await this.#store.transaction(() => {
      device.addOpcerts(answer.opcerts);
      evidence.keep(cid, seq, env, answer.receipt);
    });
    return proof;
  }

  #prove(message: LogMessage, env: Uint8Array, raw: Uint8Array, opcerts: readonly Uint8Array[]): Uint8Array {
    const header = parseHeader(env);
    const epoch = this.#store.conversations.findEpochOf(message.cid, hex(header.commit));
    if (epoch === null || epoch.es === null || message.uid === null) {
      throw new EngineError("message_not_provable", { reason: "not_shown" });
    }
    const { root } = this.#device;
    const certs = opcerts.map((cert) => verifyOpcert(cert, root));
    const links = this.#store.people.links(message.uid);
    const chain = verifyChain(links.map(parseLink), root, opcerts);
    const state = findSender(chain, epoch.commit, header.did);
    const receipt = parseReceipt(raw);
    if (!coversEnvelope(receipt, env) || !certs.some((cert) => signs(cert, receipt))) {
      throw new ReceiptForged({ seq: message.seq });
    }
    const { body } = openEnvelope(env, epoch.es, epoch.commit, new Map([[message.uid, state]]));
    const isShown = hex(body.mid) === message.mid && hex(header.did) === message.did;
    if (!isShown || hex(receipt.leaf.cid) !== message.cid || receipt.leaf.seq !== message.seq) {
      throw new EngineError("message_not_provable", { reason: "mismatch" });
    }
    const used = links.slice(0, state.seq);
    const dates = used.map((link) => parseLink(link).core.ts);
    const isUsed = (cert: OpCert): boolean => signs(cert, receipt) || dates.some((ts) => covers(cert, "identity", ts));
    return pack(PROOF, {
      v: VERSION,
      root,
      env,
      mk: messageKey(epoch.es, env),
      commit: { core: epoch.commit.coreBytes, conf: epoch.commit.conf },
      links: used,
      opcerts: unique(certs.filter(isUsed).map((cert) => cert.raw)),
      receipt: raw,
    });
  }
}

/** MK: the key of one envelope.  protocol §3 */
function messageKey(es: Uint8Array, env: Uint8Array): Uint8Array {
  return derive(es, "msg", hash("hdr", ENVELOPE.parse(env).hdr));
}

/**
 * The first state of the author's chain, from the one that the commit pins on, in which `did` may write (§4).
 *
 * Throws SenderNotMember, UnknownLinkHead, UnknownSender.
 */
function findSender(chain: Chain, commit: Commit, did: Uint8Array): Chain {
  const member = memberOf(commit, chain.uid);
  if (member === null) throw new SenderNotMember({ did: hex(did) });
  const pinned = stateAt(chain, member.linkHead);
  const isAllowed = (state: Chain): boolean => state.seq >= pinned.seq && state.uekGen === pinned.uekGen;
  const allowed = [...states(chain)].filter(isAllowed).reverse();
  const found = allowed.find((state) => signerAt(state, state.head, did) !== null);
  if (found === undefined) throw new UnknownSender({ did: hex(did) });
  return found;
}

function signs(cert: OpCert, receipt: DepositReceipt): boolean {
  try {
    verifyReceipt(receipt, cert);
    return true;
  } catch (error) {
    if (error instanceof OpCertRefused || error instanceof ReceiptForged) return false;
    throw error;
  }
}

function unique(raws: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(raws.map((raw) => [hex(raw), raw])).values()];
}
