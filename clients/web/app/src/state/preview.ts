/** One line about a message: for the list, for a quotation, for what is read aloud. */
import type { Conversation, Message, Uid } from "../engine/api.js";
import type { Texts } from "../texts/texts.js";
import { isDirect, memberOf, shortName } from "./names.js";

/** What a message says, in a few words and on one line. */
export function gist(message: Message, t: Texts): string {
  if (message.refused !== "") return t.preview.refused;
  if (message.isDeleted) return t.preview.deleted;
  switch (message.type) {
    case "text":
      return contentGist(message.text, message.attachments.map((attachment) => attachment.mediaType), t);
    case "notice":
      return message.text;
    case "name":
      return t.preview.renamed(message.text);
    case "leave":
      return t.preview.left;
    default:
      return t.preview.unsupported;
  }
}

/** A text and what is joined to it. */
export function contentGist(text: string, mediaTypes: readonly string[], t: Texts): string {
  const line = text.replace(/\s+/g, " ").trim();
  const [first] = mediaTypes;
  if (first === undefined) return line;
  const kind = first === "application/pdf" ? t.preview.document : t.preview.photo;
  return line === "" ? kind : `${kind} · ${line}`;
}

/** The last line of a conversation, with its author where that is not plain. */
export function lastLine(conversation: Conversation, own: Uid, t: Texts): string {
  const { last } = conversation;
  if (!last) return t.list.noMessage;
  const text = gist(last, t);
  const author = last.isMine ? t.common.you : nameIn(conversation, last.uid, own, t);
  if (last.type === "name" || last.type === "leave") return `${author} ${text}`;
  if (last.isMine) return t.preview.you(text);
  return isDirect(conversation) || last.uid === null ? text : t.preview.by(author, text);
}

/** A member's short name; « Vous » for the reader. */
export function nameIn(conversation: Conversation, uid: Uid | null, own: Uid, t: Texts): string {
  if (uid === own) return t.common.you;
  const member = memberOf(conversation, uid);
  return member ? shortName(member.who) : t.common.unknownPerson;
}
