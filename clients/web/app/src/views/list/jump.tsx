/** Ctrl + K: a few letters, then Enter. */
import { useState } from "preact/hooks";
import type { Conversation, Uid } from "../../engine/api.js";
import { filtered, sorted } from "../../state/list.js";
import { conversationTitle, counterpart, isDirect } from "../../state/names.js";
import { Avatar } from "../parts/avatar.js";
import { Dialog } from "../parts/dialog.js";
import { useDesk, usePlace } from "../place.js";

const SHOWN = 8;

export function Jump({ onClose }: { onClose: () => void }) {
  const { t, navigation } = usePlace();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const own = useDesk((state) => state.own?.uid ?? "");
  const conversations = useDesk((state) => state.conversations);
  const meant = filtered(sorted(conversations.values()), { query, unreadOnly: false }, own, null);
  const found = meant.slice(0, SHOWN);
  const go = (index: number): void => {
    const conversation = found[index];
    if (!conversation) return;
    onClose();
    navigation.open(conversation.cid);
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((at + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") go(at);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t.jump.title} onClose={onClose}>
      <input
        class="text-input"
        role="combobox"
        aria-label={t.jump.label}
        placeholder={t.jump.label}
        aria-expanded={found.length > 0 ? "true" : "false"}
        aria-controls="jump-list"
        aria-activedescendant={found[at] ? `jump-${found[at].cid}` : undefined}
        autocomplete="off"
        autofocus
        value={query}
        onInput={(event: Event) => {
          setQuery((event.currentTarget as HTMLInputElement).value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <Places found={found} at={at} own={own} onGo={go} />
      {meant.length > SHOWN && (
        <p class="hint" role="status">
          {t.jump.more(meant.length - SHOWN)}
        </p>
      )}
      {found.length === 0 && (
        <p class="empty" role="status">
          {t.jump.none}
        </p>
      )}
    </Dialog>
  );
}

function Places({ found, at, own, onGo }: { found: readonly Conversation[]; at: number; own: Uid; onGo: (index: number) => void }) {
  const { t } = usePlace();
  return (
    <ul class="options" id="jump-list" role="listbox" aria-label={t.list.conversations}>
      {found.map((conversation, index) => (
        <li
          key={conversation.cid}
          id={`jump-${conversation.cid}`}
          class="option"
          role="option"
          aria-selected={index === at ? "true" : "false"}
          onClick={() => onGo(index)}
        >
          <Avatar
            id={counterpart(conversation, own)?.uid ?? conversation.cid}
            name={conversationTitle(conversation, own, t.list.alone)}
            group={!isDirect(conversation)}
            small
          />
          <span class="option__name">{conversationTitle(conversation, own, t.list.alone)}</span>
          {conversation.unread > 0 && <span class="count">{conversation.unread}</span>}
        </li>
      ))}
    </ul>
  );
}
