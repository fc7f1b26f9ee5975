/**
 * The keyboard map: which key means what, where.  The help sheet is made from this same table.
 *
 * Refuses keys that browsers keep to themselves (Ctrl+N, Ctrl+T, Ctrl+W), and plain letters while somebody types.
 */

export type Command =
  | "jump"
  | "help"
  | "search"
  | "searchHere"
  | "newConversation"
  | "nextUnread"
  | "previousUnread"
  | "firstUnread"
  | "next"
  | "previous"
  | "unreadOnly"
  | "alarms"
  | "writeHere"
  | "attach"
  | "markRead"
  | "info"
  | "settings"
  | "lock";

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

interface Shortcut {
  readonly command: Command;
  /** As `KeyboardEvent.key`, lower case. */
  readonly key: string;
  readonly ctrl?: boolean;
  readonly alt?: boolean;
  readonly shift?: boolean;
  /** Only while nobody types. */
  readonly plain?: boolean;
}

/** In the order of the help sheet. */
export const SHORTCUTS: readonly Shortcut[] = [
  { command: "jump", key: "k", ctrl: true },
  { command: "nextUnread", key: "arrowdown", alt: true, shift: true },
  { command: "previousUnread", key: "arrowup", alt: true, shift: true },
  { command: "firstUnread", key: "j", ctrl: true },
  { command: "next", key: "arrowdown", alt: true },
  { command: "previous", key: "arrowup", alt: true },
  { command: "search", key: "f", ctrl: true, shift: true },
  { command: "searchHere", key: "f", ctrl: true },
  { command: "newConversation", key: "n", alt: true },
  { command: "unreadOnly", key: "u", alt: true },
  { command: "alarms", key: "a", alt: true },
  { command: "writeHere", key: "w", alt: true },
  { command: "attach", key: "p", alt: true },
  { command: "info", key: "i", alt: true },
  { command: "markRead", key: "escape", shift: true },
  { command: "settings", key: ",", ctrl: true },
  { command: "lock", key: "l", ctrl: true, alt: true },
  { command: "help", key: "f1" },
  { command: "help", key: "?", plain: true },
];

/** What a key press asks for; null: nothing of ours. */
export function commandOf(press: KeyPress, isTyping: boolean): Command | null {
  const key = press.key.toLowerCase();
  for (const shortcut of SHORTCUTS) {
    if (shortcut.key !== key) continue;
    if (shortcut.plain) {
      if (!isTyping && !press.ctrlKey && !press.metaKey && !press.altKey) return shortcut.command;
      continue;
    }
    const ctrl = press.ctrlKey || press.metaKey;
    if (ctrl === (shortcut.ctrl ?? false) && press.altKey === (shortcut.alt ?? false) && press.shiftKey === (shortcut.shift ?? false)) {
      return shortcut.command;
    }
  }
  return null;
}

const NAMES: Readonly<Record<string, string>> = { arrowdown: "↓", arrowup: "↑", escape: "Esc", f1: "F1" };

/** The keys of a shortcut as they are printed on a keyboard. */
export function keysOf(shortcut: Shortcut, shiftName: string): readonly string[] {
  const keys: string[] = [];
  if (shortcut.ctrl) keys.push("Ctrl");
  if (shortcut.alt) keys.push("Alt");
  if (shortcut.shift) keys.push(shiftName);
  keys.push(NAMES[shortcut.key] ?? shortcut.key.toUpperCase());
  return keys;
}
