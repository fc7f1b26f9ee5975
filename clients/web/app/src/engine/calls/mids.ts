/** Names of messages: UUIDv7, whose order is about that of their making.  RFC 9562 §5.7 */

import { hex, type Mid, type Ms } from "../ids.js";

/** A new one, made at `nowMs`; draws 10 random bytes. */
export function composeMid(nowMs: Ms, randomBytes: (size: number) => Uint8Array): Mid {
  const data = new Uint8Array(16);
  const view = new DataView(data.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  data.set(randomBytes(10), 6);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  return hex(data);
}
