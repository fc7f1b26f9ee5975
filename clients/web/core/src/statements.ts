/**
 * What a person signs about one envelope of a log: its deletion, its acknowledgement.  protocol §3
 *
 *     core      = [v, cid, seq, env_hash, uid, did, ts]
 *     statement = [core, Sign(ik of did, label, core)]
 *
 * The two kinds differ in their label alone, so that one never counts for the other: see `tombstones` and
 * `acknowledgements`.  Here is the form they share.
 */

import { equal } from "./bytes.js";
import { type Chain, signerEver } from "./chains.js";
import type { ErrorClass } from "./errors.js";
import { bytes, Form, integer, struct } from "./packing.js";
import { type SigningKey, VERSION, verify } from "./primitives.js";
import { hash32, id16, millis, ordinal, signature } from "./shapes.js";

const MAX_STATEMENT_BYTES = 1024;

/** What all kinds say. */
export interface Statement {
  readonly cid: Uint8Array;
  readonly seq: number;
  /** H("env", env) of the envelope at `seq`. */
  readonly envHash: Uint8Array;
  /** Who states it, and on which device. */
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
  readonly tsMs: number;
  /** The statement as sent. */
  readonly raw: Uint8Array;
}

interface Core {
  readonly v: number;
  readonly cid: Uint8Array;
  readonly seq: number;
  readonly envHash: Uint8Array;
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
  readonly ts: number;
}

interface Outer {
  readonly core: Uint8Array;
  readonly sig: Uint8Array;
}

const CORE = struct<Core>({
  v: integer(),
  cid: hash32,
  seq: ordinal,
  envHash: hash32,
  uid: id16,
  did: id16,
  ts: millis,
});
const OUTER = struct<Outer>({ core: bytes(0, MAX_STATEMENT_BYTES), sig: signature });

/** How one kind of statement is written, read and checked. */
export class StatementForm {
  readonly #label: string;
  readonly #forged: ErrorClass;
  readonly #core: Form<Core>;
  readonly #outer: Form<Outer>;

  constructor(label: string, bad: ErrorClass, forged: ErrorClass) {
    this.#label = label;
    this.#forged = forged;
    this.#core = new Form(CORE, bad, MAX_STATEMENT_BYTES, VERSION);
    this.#outer = new Form(OUTER, bad, MAX_STATEMENT_BYTES);
  }

  /** The statement, signed.  Throws `bad` if a field is out of bounds. */
  compose(said: Omit<Statement, "raw">, ik: SigningKey): Statement {
    const { cid, seq, envHash, uid, did, tsMs } = said;
    const core = this.#core.compose({ v: VERSION, cid, seq, envHash, uid, did, ts: tsMs });
    return { ...said, raw: this.#outer.compose({ core, sig: ik.sign(this.#label, core) }) };
  }

  /** The statement in `data`, signature unchecked.  Throws `bad`, UnsupportedVersion. */
  parse(data: Uint8Array): Statement {
    const { cid, seq, envHash, uid, did, ts } = this.#core.parse(this.#outer.parse(data).core);
    return { cid, seq, envHash, uid, did, tsMs: ts, raw: data };
  }

  /**
   * The statement in `data`.  Throws as `parse`, and `forged` unless a device of `chain`, now or once active, signed
   * it; never the one on paper.
   *
   * What a device stated before it was revoked keeps its worth; afterwards the server takes nothing from it.
   */
  verify(data: Uint8Array, chain: Chain): Statement {
    const statement = this.parse(data);
    const { core, sig } = this.#outer.parse(data);
    const device = signerEver(chain, statement.did);
    if (!equal(statement.uid, chain.uid) || device === null || !verify(device.ik, this.#label, core, sig)) {
      throw new this.#forged({ seq: statement.seq });
    }
    return statement;
  }
}
