/**
 * For tests only: lets another program verify what this core makes, and the other way round.
 *
 * Reads one JSON request a line on standard input, `{"do": name, …}`, and writes one JSON answer a line: `{"answer":
 * …}`, or `{"refused": code, "params": {…}}` for a ProtocolError.  Bytes are hexadecimal; a `Map` is an object.
 * Anything else that goes wrong ends the program with its stack on standard error: a refusal without a name is a bug.
 */

import { createInterface } from "node:readline";

import { BodyType } from "./envelopes.js";
import * as errors from "./errors.js";
import { CONVERSATIONS } from "./exchange/conversations.js";
import { IDENTITY } from "./exchange/identity.js";
import { Json, plain } from "./exchange/json.js";
import type { Operations } from "./exchange/parts.js";
import { PERSONAL } from "./exchange/personal.js";
import * as limits from "./limits.js";

const OPERATIONS: Operations = {
  errorCodes: () => Object.fromEntries(Object.values(errors).map((error) => [error.name, error.code])),
  limits: () => ({ ...limits }),
  bodyTypes: () => BodyType,
  ...IDENTITY,
  ...CONVERSATIONS,
  ...PERSONAL,
};

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
