/** Caps that both sides enforce.  protocol §6 */

export const MAX_ENVELOPE_BYTES = 64 * 1024;
/** One encrypted attachment, as stored by the server. */
export const MAX_BLOB_BYTES = 16 * 1024 * 1024;
/** One commit with all its boxes; it travels over HTTP. */
export const MAX_COMMIT_BYTES = 2 * 1024 * 1024;
/** Persons in one conversation. */
export const MAX_MEMBERS = 500;
/** Active devices of one person, the paper device included. */
export const MAX_DEVICES = 10;
export const MAX_LINK_BYTES = 8 * 1024;
/** Attachments of one message. */
export const MAX_BLOBS = 32;
