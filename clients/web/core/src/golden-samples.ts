/** The samples of version 1 that the Python program keeps in tests/miss/protocol/golden/v1.json.  For tests only. */

import { readFileSync } from "node:fs";

import { unhex } from "./bytes.js";
import { type Chain, verifyChain } from "./chains.js";
import { DeviceKeys, UserKey } from "./keys.js";
import { parseLink } from "./links.js";
import type { Language } from "./words.js";

export type Name = "alice" | "bob" | "carol";

interface Samples {
  readonly primitives: Record<
    "hash_env_of_abc" | "derive_msg_of_abc_with_zero_key" | "sign_read_of_abc_by_alice",
    string
  >;
  readonly keys: Record<Name, Record<"uid" | "did" | "device_secret" | "user_key" | "ik" | "ek" | "uek_pk", string>> & {
    readonly root_public: string;
    readonly bobs_user_key_sealed_to_his_device: string;
  };
  readonly opcerts: Record<"identity" | "receipt", string>;
  readonly links: Record<Name | "every_operation" | "heads", readonly string[]>;
  readonly commits: readonly [Record<"bytes" | "hash" | "cid" | "es", string>, Record<"bytes" | "hash" | "es", string>];
  readonly envelope: Record<"bytes" | "hash" | "text" | "mid", string>;
  readonly blob: Record<"bytes_hash" | "start" | "end", string>;
  readonly deposit_receipt: string;
  readonly read_receipt: string;
  readonly log: string;
  readonly auth: Record<"nonce" | "host" | "sig", string>;
  readonly vault: Record<"cid" | "es" | "sealed", string> & { readonly epoch: number };
  readonly recovery: Record<
    | "rk"
    | "did"
    | "device_secret"
    | "code"
    | "code_secret"
    | "passphrase"
    | "passphrase_folded"
    | "passphrase_en"
    | "credential_id"
    | "prf_salt"
    | "prf_output",
    string
  > & {
    readonly wraps: Record<"code" | "passphrase" | "passphrase_en" | "passkey", string>;
    readonly test: { readonly ts: number; readonly sig: string };
  };
  readonly pairing: Record<
    | "code"
    | "uri"
    | "server_url"
    | "slot"
    | "device_secret"
    | "did"
    | "name"
    | "offer"
    | "answer",
    string
  >;
  readonly restorations: Record<"statements" | "hashes", readonly string[]> & {
    readonly restored_to_ms: readonly number[];
  };
  readonly statements: Record<"cid" | "env_hash" | "tombstone" | "acknowledgement", string> & { readonly seq: number };
  readonly safety: Record<"card_of_alice" | "card_of_bob" | "number", string> & {
    readonly words: Record<Language, readonly string[]>;
  };
}

const SAMPLES = new URL("../../../../tests/miss/protocol/golden/v1.json", import.meta.url);
export const V1 = JSON.parse(readFileSync(SAMPLES, "utf8")) as Samples;
export const NAMES = ["alice", "bob", "carol"] as const;
export const ROOT = unhex(V1.keys.root_public);

export const keysOf = (name: Name): DeviceKeys => DeviceKeys.fromSecret(unhex(V1.keys[name].device_secret));
export const userKeyOf = (name: Name): UserKey => new UserKey(1, unhex(V1.keys[name].user_key));
export const chainOf = (name: Name | "every_operation"): Chain =>
  verifyChain(
    V1.links[name].map((link) => parseLink(unhex(link))),
    ROOT,
    [unhex(V1.opcerts.identity)],
  );
