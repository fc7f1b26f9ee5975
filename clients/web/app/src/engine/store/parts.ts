/** Attachments as they stand in sealed values: their fields in the order of the protocol. */

import type { Attachment as Part } from "@miss/core/attachments.js";

import { Fields } from "../fields.js";
import type { Packed } from "../msgpack.js";

export function packParts(parts: readonly Part[]): Packed {
  return parts.map((one) => [
    ...[one.blob, one.key, one.size, one.hash, one.mime, one.name],
    ...[one.width, one.height, one.thumbnail],
  ]);
}

export function readPart(value: Packed): Part {
  const from = new Fields(value);
  return {
    blob: from.bytes(),
    key: from.bytes(),
    size: from.integer(),
    hash: from.bytes(),
    mime: from.text(),
    name: from.text(),
    width: from.nullable(() => from.integer()),
    height: from.nullable(() => from.integer()),
    thumbnail: from.nullable(() => from.bytes()),
  };
}
