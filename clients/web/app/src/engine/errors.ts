/**
 * What goes wrong, by code: refusals of the server, of the protocol (`@miss/core/errors.js`) and of this engine.
 *
 * Codes are those of Python (`miss/client/errors`); the sentences are the business of `texts/`.
 */

import * as protocol from "@miss/core/errors.js";

import { EngineError } from "./api.js";
import type { Packed } from "./msgpack.js";

export { EngineError };

/** The server said no; `code` is its stable code, `said` its sentence in the language that was asked for. */
export class ServerRefused extends EngineError {
  readonly said: string;
  /** The parameters it gave, of any shape: to be checked by whoever uses them. */
  readonly details: { readonly [name: string]: Packed | undefined };

  constructor(code: string, said = "", details: { readonly [name: string]: Packed | undefined } = {}) {
    super(code, plain(details));
    this.name = "ServerRefused";
    this.said = said;
    this.details = details;
  }
}

/** No answer, or one that is not MiSS's. */
export class ServerUnreachable extends EngineError {
  constructor(reason: string, status = 0) {
    super("server_unreachable", { reason, status });
    this.name = "ServerUnreachable";
  }
}

/** A request made while no connection is open; the outbox keeps it for the next one. */
export class NotConnected extends EngineError {
  constructor() {
    super("not_connected");
    this.name = "NotConnected";
  }
}

/** Not a frame of the wire protocol, or not one that this side may send now. */
export class BadFrame extends EngineError {
  constructor(reason: string) {
    super("bad_frame", { reason });
    this.name = "BadFrame";
  }
}

const TEMPORARY = new Set(["server_unreachable", "not_connected", "user_key_withheld", "storage_full", "removed_member_back"]);
/** Refused because it cannot be told for sure who is speaking: `miss.client.errors.IdentityError`. */
const IDENTITY = new Set([
  "root_mismatch",
  "chain_withdrawn",
  "certified_identity_mismatch",
  "user_key_withheld",
  "user_key_forged",
  "contact_reset",
]);

/** True for what has a name: everything else is a defect of ours. */
export function isNamed(error: unknown): error is EngineError | protocol.ProtocolError {
  return error instanceof EngineError || error instanceof protocol.ProtocolError;
}

/** The code of what was thrown; "internal" for a defect of ours. */
export function codeOf(error: unknown): string {
  return isNamed(error) ? error.code : "internal";
}

/** True if the same call may succeed later without a change. */
export function isTemporary(error: unknown): boolean {
  return error instanceof EngineError && !(error instanceof ServerRefused) && TEMPORARY.has(error.code);
}

/** True for what cannot be told for sure to come from whom it says, or is against the protocol. */
export function isIdentityError(error: unknown): boolean {
  return error instanceof EngineError && !(error instanceof ServerRefused) && IDENTITY.has(error.code);
}

/** True for this very refusal of the engine or of the server. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isNamed(error) && codes.includes(error.code);
}

/** As whoever is above the engine gets it: plain, by code. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof protocol.ProtocolError) return new EngineError(error.code, error.params, { cause: error });
  return new EngineError("internal", {}, { cause: error });
}

function plain(details: { readonly [name: string]: Packed | undefined }): Record<string, string | number> {
  const known = Object.entries(details).filter(([, one]) => typeof one === "string" || typeof one === "number");
  return Object.fromEntries(known) as Record<string, string | number>;
}
