/**
 * The operator's word that its server was restored to an older point, signed by ROOT.  protocol §5, Restoration
 *
 * A browser only verifies it.  Refuses: a date to come, a statement that does not follow the one before.
 */

import { equal } from "./bytes.js";
import { BadRestoration, RestorationForged, RestorationOutOfOrder } from "./errors.js";
import { bytes, Form, integer, struct } from "./packing.js";
import { hash, VERSION, verify } from "./primitives.js";
import { millis, ordinal, signature } from "./shapes.js";

const MAX_RESTORATION_BYTES = 512;
const HASH_BYTES = 32;
const FUTURE_TOLERANCE_MS = 5 * 60 * 1000;

interface Core {
  readonly v: number;
  readonly epoch: number;
  readonly prev: Uint8Array;
  readonly restoredTo: number;
  readonly ts: number;
}

interface Outer {
  readonly core: Uint8Array;
  readonly sig: Uint8Array;
}

const CORE = new Form(
  struct<Core>({ v: integer(), epoch: ordinal, prev: bytes(0, HASH_BYTES), restoredTo: millis, ts: millis }),
  BadRestoration,
  MAX_RESTORATION_BYTES,
  VERSION,
);
const OUTER = new Form(
  struct<Outer>({ core: bytes(0, MAX_RESTORATION_BYTES), sig: signature }),
  BadRestoration,
  MAX_RESTORATION_BYTES,
);

/** One restore.  Times in milliseconds since 1970. */
export interface Restoration {
  /** How many restores the store has seen, this one included. */
  readonly epoch: number;
  /** Hash of the statement before; empty in the first. */
  readonly prev: Uint8Array;
  /** Everything the server had taken by then is there again. */
  readonly restoredToMs: number;
  readonly tsMs: number;
  /** The statement as sent. */
  readonly raw: Uint8Array;
  readonly hash: Uint8Array;
}

/** The statement in `raw`, signature and place unchecked.  Throws BadRestoration, UnsupportedVersion. */
export function parseRestoration(raw: Uint8Array): Restoration {
  const { core: packed } = OUTER.parse(raw);
  const { epoch, prev, restoredTo, ts } = CORE.parse(packed);
  if (prev.length !== 0 && prev.length !== HASH_BYTES) throw new BadRestoration({ reason: "previous" });
  return { epoch, prev, restoredToMs: restoredTo, tsMs: ts, raw, hash: hash("restoration", packed) };
}

/**
 * The statements that follow `after` (null: the list begins), each signed by ROOT and linked to the one before.
 *
 * Throws BadRestoration, UnsupportedVersion, RestorationForged, RestorationOutOfOrder for the first that fails.
 */
export function verifyRestorations(
  raws: Iterable<Uint8Array>,
  rootPublic: Uint8Array,
  nowMs: number,
  after: Restoration | null = null,
): readonly Restoration[] {
  const found: Restoration[] = [];
  for (const raw of raws) {
    const [statement, outer] = [parseRestoration(raw), OUTER.parse(raw)];
    const { epoch, tsMs } = statement;
    if (!verify(rootPublic, "restoration-root", outer.core, outer.sig)) throw new RestorationForged({ epoch });
    requireNext(statement, found.at(-1) ?? after);
    if (tsMs > nowMs + FUTURE_TOLERANCE_MS) throw new RestorationOutOfOrder({ reason: "future", epoch });
    found.push(statement);
  }
  return found;
}

function requireNext({ epoch, prev, restoredToMs, tsMs }: Restoration, before: Restoration | null): void {
  if (epoch !== (before?.epoch ?? 0) + 1 || !equal(prev, before?.hash ?? new Uint8Array())) {
    throw new RestorationOutOfOrder({ reason: "not_next", epoch });
  }
  if (restoredToMs > tsMs || tsMs < (before?.tsMs ?? 0)) throw new RestorationOutOfOrder({ reason: "dates", epoch });
}
