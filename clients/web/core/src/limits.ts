/** Caps that both sides enforce.  protocol §6 */

export const MAX_ENVELOPE_BYTES = 64 * 1024;
/** One encrypted attachment, as stored by the server. */
export const MAX_BLOB_BYTES = 16 * 1024 * 1024;
/** One commit with all its boxes; it travels over HTTP. */
export const MAX_COMMIT_BYTES = 2 * 1024 * 1024;
/** Persons in one conversation. */
export const MAX_MEMBERS = 500;
/** Active devices of one person, the paper device included; `recover` may bring in one more (protocol §3). */
export const MAX_DEVICES = 10;
export const MAX_LINK_BYTES = 8 * 1024;
/** Attachments of one message. */
export const MAX_BLOBS = 32;
/** Persons named in one message. */
export const MAX_MENTIONS = 500;
/** Characters of the name that a person gives to a device. */
export const MAX_DEVICE_NAME = 80;
/** One offer or answer between two devices of a person; the answer carries the person's chain. */
export const MAX_PAIRING_BYTES = 1024 * 1024;
export const MAX_PASSKEYS = 5;
/** Ways to open one recovery key: a code, a passphrase and some passkeys. */
export const MAX_WRAPS = MAX_PASSKEYS + 2;
