/** Messages as the engine holds them: what a page is told (`api`), and the keys of their files, which it is not. */

import type { Attachment as Part } from "@miss/core/attachments.js";

import type { Attachment, Message, Mid } from "./api.js";

export type { Part };

/** Types with a place of their own in a conversation, that this version knows. */
export const SHOWN: ReadonlySet<string> = new Set(["text", "name", "leave", "notice"]);
/** Types that change how another message shows, and have no place of their own. */
export const ABOUT_ANOTHER: ReadonlySet<string> = new Set(["reaction", "edit", "delete", "ack"]);

/** One message of a conversation's log. */
export interface LogMessage extends Message {
  readonly reply: Mid | null;
  /** What `attachments` says, with blob, key and hash. */
  readonly parts: readonly Part[];
}

/** What a message has where nothing is said of it. */
export const EMPTY = {
  isMine: false,
  type: "text",
  text: "",
  reply: null,
  parts: [],
  attachments: [],
  refused: "",
  isDeleted: false,
  deletedAtMs: null,
  urgent: false,
  mentions: [],
  editedAtMs: null,
  versions: [],
  reactions: [],
  quote: null,
  alarm: null,
} as const;

/** What a page is told of a file. */
export function attachmentOf(part: Part): Attachment {
  return { mediaType: part.mime, name: part.name, sizeBytes: part.size, width: part.width, height: part.height };
}

/** The message as it leaves the engine: without keys. */
export function plain(message: LogMessage): Message {
  const { reply: _reply, parts: _parts, ...told } = message;
  return told;
}
