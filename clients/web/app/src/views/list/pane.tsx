/** The list of conversations: search, filter, rows, and the menu of each. */
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import type { Conversation } from "../../engine/api.js";
import { typingIn } from "../../state/desk.js";
import { type ListFilter, filtered, sorted } from "../../state/list.js";
import { conversationTitle, isDirect } from "../../state/names.js";
import { nameIn } from "../../state/preview.js";
import { type Action, ActionSheet } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { useDesk, useNow, usePlace } from "../place.js";
import { ConversationRow } from "./row.js";

interface ListProps {
  readonly filter: ListFilter;
  readonly onFilter: (filter: ListFilter) => void;
  readonly onNew: () => void;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
  readonly onSettings?: (() => void) | undefined;
  readonly onLock?: (() => void) | undefined;
}

export function ListPane(props: ListProps) {
  const { desk, t, navigation } = usePlace();
  const [menu, setMenu] = useState(false);
  const [about, setAbout] = useState<Conversation | null>(null);
  const actions: Action[] = [
    { label: t.list.searchEverywhere, icon: "search", act: props.onSearch },
    { label: t.list.markAllRead, icon: "checks", act: () => void desk.markAllRead() },
    { label: t.list.help, icon: "help", act: props.onHelp },
    ...(props.onSettings ? [{ label: t.list.settings, icon: "settings", act: props.onSettings } as const] : []),
    ...(props.onLock ? [{ label: t.list.lock, icon: "lock", act: props.onLock } as const] : []),
  ];
  const open = useCallback((conversation: Conversation) => navigation.open(conversation.cid), [navigation]);
  return (
    <nav class="list-pane" aria-label={t.list.conversations}>
      <header class="bar">
        <h1 class="bar__title">{t.list.title}</h1>
        <button type="button" class="icon-button" aria-label={t.list.searchEverywhere} title={t.list.searchEverywhere} onClick={props.onSearch}>
          <Icon name="search" />
        </button>
        <button type="button" class="icon-button" aria-label={t.list.menu} title={t.list.menu} onClick={() => setMenu(true)}>
          <Icon name="more" />
        </button>
      </header>
      <Filters {...props} />
      <Rows filter={props.filter} onOpen={open} onMenu={setAbout} onNew={props.onNew} />
      <button type="button" class="fab" aria-label={t.list.new} title={t.list.new} onClick={props.onNew}>
        <Icon name="plus" />
        <span class="fab__text">{t.list.new}</span>
      </button>
      {menu && <ActionSheet title={t.list.menu} actions={actions} onClose={() => setMenu(false)} />}
      {about && <RowMenu conversation={about} onClose={() => setAbout(null)} />}
    </nav>
  );
}

function Filters({ filter, onFilter }: ListProps) {
  const { t } = usePlace();
  const unread = useDesk((state) => [...state.conversations.values()].filter((one) => one.unread > 0 || one.failed > 0).length);
  const choice = (unreadOnly: boolean, label: string) => (
    <button type="button" class="chip" aria-pressed={filter.unreadOnly === unreadOnly} onClick={() => onFilter({ ...filter, unreadOnly })}>
      {label}
    </button>
  );
  return (
    <div class="filters" role="search">
      <div class="search-field">
        <Icon name="search" />
        <input
          type="search"
          id="list-search"
          aria-label={t.list.search}
          placeholder={t.list.search}
          autocomplete="off"
          value={filter.query}
          onInput={(event: Event) => onFilter({ ...filter, query: (event.currentTarget as HTMLInputElement).value })}
        />
      </div>
      <div class="chips" role="group" aria-label={t.list.filter}>
        {choice(false, t.list.all)}
        {choice(true, unread > 0 ? t.list.unreadCount(unread) : t.list.unread)}
      </div>
    </div>
  );
}

interface RowsProps {
  readonly filter: ListFilter;
  readonly onOpen: (conversation: Conversation) => void;
  readonly onMenu: (conversation: Conversation) => void;
  readonly onNew: () => void;
}

function Rows({ filter, onOpen, onMenu, onNew }: RowsProps) {
  const { t, navigation } = usePlace();
  const desk = useDesk((state) => state);
  const now = useNow(60_000);
  const hour = Math.floor(now / 60_000) * 60_000;
  const list = useRef<HTMLUListElement>(null);
  const own = desk.own?.uid ?? "";
  const all = useMemo(() => sorted(desk.conversations.values()), [desk.conversations]);
  const shown = useMemo(() => filtered(all, filter, own, navigation.where.cid), [all, filter, own, navigation.where.cid]);
  if (!desk.loaded) return <p class="empty" role="status">{t.common.loading}</p>;
  if (all.length === 0) {
    return <NoConversation onNew={onNew} />;
  }
  if (shown.length === 0) {
    return (
      <p class="empty" role="status">
        {filter.query.trim() === "" ? t.list.nothingUnread : t.list.nothingFound(filter.query.trim())}
      </p>
    );
  }
  const step = (event: KeyboardEvent): void => {
    if (event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(".row") ?? [])];
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };
  return (
    <ul class="rows" ref={list} onKeyDown={step}>
      {shown.map((conversation) => (
        <ConversationRow
          key={conversation.cid}
          conversation={conversation}
          own={own}
          isOpen={conversation.cid === navigation.where.cid}
          typing={typingLine(conversation)}
          now={hour}
          onOpen={onOpen}
          onMenu={onMenu}
        />
      ))}
    </ul>
  );

  function typingLine(conversation: Conversation): string {
    const [uid] = typingIn(desk, conversation.cid, now);
    if (!uid) return "";
    return isDirect(conversation) ? t.list.typing : `${nameIn(conversation, uid, own, t)} ${t.list.typing}`;
  }
}

function NoConversation({ onNew }: { onNew: () => void }) {
  const { t } = usePlace();
  return (
    <div class="empty">
      <Icon name="people" />
      <p class="empty__title">{t.list.empty}</p>
      <p>{t.list.emptyHint}</p>
      <button type="button" class="button" onClick={onNew}>
        {t.list.new}
      </button>
    </div>
  );
}

/** What can be done with a conversation without opening it. */
export function rowActions(conversation: Conversation, place: ReturnType<typeof usePlace>): readonly Action[] {
  const { desk, t } = place;
  const { cid, pinned, muted } = conversation;
  const mark = (marks: { pinned?: boolean; muted?: boolean }) => () => void desk.write(cid, (engine) => engine.setMarks(cid, marks));
  return [
    ...(conversation.unread > 0
      ? [{ label: t.list.markRead, icon: "checks", act: () => void desk.markRead(cid, conversation.lastSeq) } as const]
      : []),
    { label: pinned ? t.list.unpin : t.list.pin, icon: "pin", act: mark({ pinned: !pinned }) },
    { label: muted ? t.list.unmute : t.list.mute, icon: muted ? "sound" : "mute", act: mark({ muted: !muted }) },
  ];
}

function RowMenu({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const place = usePlace();
  const own = useDesk((state) => state.own?.uid ?? "");
  const title = conversationTitle(conversation, own, place.t.list.alone);
  return <ActionSheet title={title} actions={rowActions(conversation, place)} onClose={onClose} />;
}
