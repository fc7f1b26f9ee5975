/** Statements of restores: the samples of the Python program, and what a server could make of them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { hex, unhex } from "./bytes.js";
import { ProtocolError, RestorationForged, RestorationOutOfOrder } from "./errors.js";
import { ROOT, V1 } from "./golden-samples.js";
import { parseRestoration, verifyRestorations } from "./restorations.js";

const RAWS = V1.restorations.statements.map(unhex);
const LATE = Number.MAX_SAFE_INTEGER;

test("the list is verified, whole or from where it is known", () => {
  const found = verifyRestorations(RAWS, ROOT, LATE);
  assert.deepEqual(
    found.map((one) => hex(one.hash)),
    V1.restorations.hashes,
  );
  assert.deepEqual(
    found.map((one) => one.restoredToMs),
    V1.restorations.restored_to_ms,
  );
  assert.equal(verifyRestorations(RAWS.slice(1), ROOT, LATE, found[0]).length, 1);
});

test("none is left out or told twice, and none is of tomorrow", () => {
  const [first, second] = RAWS as [Uint8Array, Uint8Array];
  for (const raws of [[second], [first, first], [second, first]]) {
    assert.throws(() => verifyRestorations(raws, ROOT, LATE), RestorationOutOfOrder);
  }
  const { tsMs } = parseRestoration(first);
  assert.throws(() => verifyRestorations([first], ROOT, tsMs - 300_001), RestorationOutOfOrder);
});

test("only ROOT signs, and no byte can be changed", () => {
  const [first] = RAWS as [Uint8Array];
  assert.throws(() => verifyRestorations([first], new Uint8Array(32), LATE), RestorationForged);
  for (let place = 0; place < first.length; place += 1) {
    const altered = first.slice();
    altered[place]! ^= 1;
    assert.throws(() => verifyRestorations([altered], ROOT, LATE), ProtocolError);
  }
});
