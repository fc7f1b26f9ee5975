/**
 * Everything the protocol refuses, by name: the classes and codes of `miss.protocol.errors`.
 *
 * The parameters hold reasons, numbers and names of fields, never content.  The sentences a reader sees are the
 * business of the interface, which finds them by code.
 */

export * from "./errors/base.js";
export * from "./errors/content.js";
export * from "./errors/identity.js";
export * from "./errors/membership.js";
export * from "./errors/recovery.js";
