/** What can be asked about a message from where it is shown. */
import type { Message } from "../../engine/api.js";

export interface MessageActs {
  reply(message: Message): void;
  edit(message: Message): void;
  react(message: Message): void;
  toggleReaction(message: Message, emoji: string): void;
  menu(message: Message): void;
  versions(message: Message): void;
  acknowledge(message: Message): void;
  goTo(seq: number): void;
}

/** The reactions offered; any other one that somebody used can be joined. */
export const EMOJIS: readonly string[] = ["👍", "✅", "🙏", "👀", "❤️", "❓"];
