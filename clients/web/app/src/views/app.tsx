/**
 * The application of somebody at work: the list, the open conversation, a panel beside it.
 *
 * `shell/start` renders it for an engine that is open and unlocked, and takes it away when it locks; nothing of it
 * stays then (`forgetFiles`).
 */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Cid, Engine, Message, Ms } from "../engine/api.js";
import { commandOf } from "../state/keys.js";
import { type ListFilter, type Missed, filtered, missedSummary, neighbour, sorted } from "../state/list.js";
import { gist, nameIn } from "../state/preview.js";
import { errorSentence } from "../texts/errors.js";
import type { Language } from "../texts/language.js";
import { textsIn } from "../texts/texts.js";
import { AlarmsPanel } from "./alarms.js";
import { Banners } from "./banners.js";
import { Desk } from "./desk.js";
import { HelpSheet } from "./help.js";
import { Jump } from "./list/jump.js";
import { MissedSummary } from "./list/missed.js";
import { ListPane } from "./list/pane.js";
import { type Navigation, useNavigation } from "./navigation.js";
import { Icon } from "./parts/icons.js";
import { forgetFiles } from "./parts/files.js";
import { ContactPanel } from "./people/contact.js";
import { InfoPanel } from "./people/info.js";
import { Picker } from "./people/picker.js";
import { type Place, PlaceContext, useDesk, usePlace } from "./place.js";
import { Search, SearchEverywhere } from "./search.js";
import { ThreadPane } from "./thread/pane.js";
import { Viewer } from "./viewer.js";

export interface AppProps {
  readonly engine: Engine;
  readonly language: Language;
  /** The server's time, as far as it is known; the browser's by default. */
  readonly now?: () => Ms;
  /** A conversation to open at once: that of a notification. */
  readonly first?: Cid | null;
  /** Shown above everything: an update is ready, the storage is full. */
  readonly banners?: ComponentChildren;
  /** Open the settings, at a section: "safety:" and a uid for the safety words by QR code. */
  readonly onSettings?: (section?: string) => void;
  readonly onLock?: () => void;
}

export function App({ engine, language, now = Date.now, first = null, ...shell }: AppProps) {
  const desk = useMemo(() => new Desk(engine, now), [engine]);
  const navigation = useNavigation(first);
  const place: Place = { engine, desk, t: textsIn(language), language, now, navigation, openSettings: shell.onSettings ?? null };
  useEffect(() => {
    void desk.start();
    return () => {
      desk.stop();
      forgetFiles(engine);
    };
  }, [desk]);
  return (
    <PlaceContext.Provider value={place}>
      <Desktop {...shell} />
    </PlaceContext.Provider>
  );
}

type Open = "jump" | "help" | "new" | "search" | null;
type Shell = Pick<AppProps, "banners" | "onSettings" | "onLock">;
const SAID_MS = 6000;

function Desktop({ banners, onSettings, onLock }: Shell) {
  const { desk, navigation, t } = usePlace();
  const { where } = navigation;
  const [open, setOpen] = useState<Open>(null);
  const [filter, setFilter] = useState<ListFilter>({ query: "", unreadOnly: false });
  const [query, setQuery] = useState("");
  const [goal, setGoal] = useState<{ cid: Cid; seq: number } | null>(null);
  const [said, say] = useSaid();
  const [missed, setMissed] = useMissed();
  const heard = useHeard();
  const revoked = useDesk((state) => state.revoked);
  useTitle();
  useOpenRequests();
  const goTo = (found: { cid: Cid; seq: number }): void => {
    navigation.open(found.cid);
    setGoal({ cid: found.cid, seq: found.seq });
  };
  const goToUnread = async (cid: Cid): Promise<void> => {
    const seq = await desk.firstUnread(cid);
    if (seq === null) say(t.thread.allRead);
    else setGoal({ cid, seq });
  };
  useKeyboard({ filter, setFilter, setOpen, goToUnread, onSettings, onLock });
  const close = (): void => setOpen(null);
  const pane = where.panel ? "panel" : where.cid ? "thread" : "list";
  if (revoked) return <Revoked wiped={revoked.wiped} />;
  return (
    <div class={`app app--${pane}`}>
      <Banners>{banners}</Banners>
      <div class="panes">
        <ListPane
          filter={filter}
          onFilter={setFilter}
          onNew={() => setOpen("new")}
          onSearch={() => setOpen("search")}
          onHelp={() => setOpen("help")}
          onSettings={onSettings && (() => onSettings())}
          onLock={onLock}
        />
        <main class="thread-pane">
          {where.cid ? (
            <ThreadPane cid={where.cid} onSaid={say} query={where.panel?.kind === "searchHere" ? query : ""} goal={goal?.cid === where.cid ? goal : null} />
          ) : (
            <NothingOpen />
          )}
        </main>
        {where.panel && <SidePanel onGoTo={goTo} onQuery={setQuery} />}
      </div>
      {where.picture && where.cid && <Viewer cid={where.cid} seq={where.picture.seq} index={where.picture.index} />}
      {open === "jump" && <Jump onClose={close} />}
      {open === "help" && <HelpSheet onClose={close} />}
      {open === "new" && <Picker into={null} onClose={close} />}
      {open === "search" && <SearchEverywhere onOpen={goTo} onClose={close} />}
      {missed && open === null && <MissedSummary missed={missed} onClose={() => setMissed(null)} />}
      <p class={said ? "toast" : "visually-hidden"} role="status">
        {said}
      </p>
      <p class="visually-hidden" role="log" aria-live="polite" aria-label={t.list.title}>
        {heard}
      </p>
    </div>
  );
}

function NothingOpen() {
  const { t } = usePlace();
  return (
    <div class="empty empty--thread">
      <Icon name="lock" />
      <p class="empty__title">{t.app.nothingOpen}</p>
      <p>{t.app.nothingOpenHint}</p>
    </div>
  );
}

/** What was refused or done, in words, for a few seconds. */
function useSaid(): readonly [string, (text: string) => void] {
  const { desk, language } = usePlace();
  const [text, setText] = useState("");
  useEffect(() => {
    desk.onTrouble = (error) => setText(errorSentence(error, language));
  }, [desk, language]);
  useEffect(() => {
    const timer = setTimeout(() => setText(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}

/** The panel beside a conversation, with its head. */
function SidePanel({ onGoTo, onQuery }: { onGoTo: (found: { cid: Cid; seq: number }) => void; onQuery: (query: string) => void }) {
  const { t, navigation } = usePlace();
  const { panel, cid } = navigation.where;
  const conversation = useDesk((state) => (cid ? state.conversations.get(cid) : undefined));
  if (!panel) return null;
  const title = { info: t.info.title, contact: t.contact.title, searchHere: t.search.here, alarms: t.alarm.panel }[panel.kind];
  const showHere = (found: { cid: Cid; seq: number }): void => {
    // On a phone the panel covers the messages: it goes away; beside them it stays for the next place found.
    if (matchMedia("(max-width: 71.99rem)").matches || found.cid !== cid) navigation.replace({ cid: found.cid, panel: null, picture: null });
    onGoTo({ ...found });
  };
  return (
    <aside class="side-pane" aria-label={title}>
      <header class="bar">
        <button type="button" class="icon-button bar__back" aria-label={t.common.back} title={t.common.back} onClick={() => navigation.back()}>
          <Icon name="back" />
        </button>
        <h2 class="bar__title">{title}</h2>
        <button type="button" class="icon-button bar__close" aria-label={t.common.close} title={t.common.close} onClick={() => navigation.back()}>
          <Icon name="close" />
        </button>
      </header>
      {panel.kind === "info" && conversation && <InfoPanel key={conversation.cid} conversation={conversation} />}
      {panel.kind === "contact" && <ContactPanel key={panel.uid} uid={panel.uid} />}
      {panel.kind === "searchHere" && cid && <Search key={cid} cid={cid} onOpen={showHere} onQuery={onQuery} />}
      {panel.kind === "alarms" && <AlarmsPanel onOpen={(message: Message) => showHere(message)} />}
    </aside>
  );
}

function Revoked({ wiped }: { wiped: boolean }) {
  const { t } = usePlace();
  return (
    <main class="revoked">
      <Icon name="lock" />
      <h1>{t.app.revokedTitle}</h1>
      <p role="alert">{wiped ? t.app.revokedWiped : t.app.revokedLocked}</p>
    </main>
  );
}

/** The summary of the time away, once, when everything of it has come. */
function useMissed(): readonly [Missed | null, (missed: Missed | null) => void] {
  const { desk, navigation } = usePlace();
  const synced = useDesk((state) => state.synced && state.loaded);
  const [missed, setMissed] = useState<Missed | null>(null);
  const told = useRef(false);
  useEffect(() => {
    if (!synced || told.current) return;
    told.current = true;
    const { conversations, alarms, own } = desk.state;
    const open = alarms.filter((message) => message.uid !== own?.uid).length;
    if (navigation.where.cid === null) setMissed(missedSummary(sorted(conversations.values()), open));
  }, [synced]);
  return [missed, setMissed];
}

/** What is read aloud: a message that comes in into the open conversation. */
function useHeard(): string {
  const { desk, t, navigation } = usePlace();
  const [heard, setHeard] = useState("");
  const { cid } = navigation.where;
  useEffect(() => {
    desk.onEvent = (event) => {
      if (event.kind !== "message" || event.message.cid !== cid || event.message.isMine) return;
      const conversation = desk.state.conversations.get(event.message.cid);
      if (!conversation) return;
      setHeard(t.thread.arrived(nameIn(conversation, event.message.uid, desk.state.own?.uid ?? "", t), gist(event.message, t)));
    };
  }, [desk, cid, t]);
  return heard;
}

/** The tab's title: how much is unread, never who wrote. */
function useTitle(): void {
  const { t } = usePlace();
  const unread = useDesk((state) => [...state.conversations.values()].filter((one) => one.unread > 0 && !one.muted).length);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${t.list.title} · MiSS` : `${t.list.title} · MiSS`;
  }, [unread, t]);
}

interface KeyboardProps {
  readonly filter: ListFilter;
  readonly setFilter: (filter: ListFilter) => void;
  readonly setOpen: (open: Open) => void;
  readonly goToUnread: (cid: Cid) => Promise<void>;
  readonly onSettings: ((section?: string) => void) | undefined;
  readonly onLock: (() => void) | undefined;
}

/** A notification was pressed: the shell says which conversation to open. */
function useOpenRequests(): void {
  const { navigation } = usePlace();
  const latest = useRef(navigation);
  latest.current = navigation;
  useEffect(() => {
    const open = (event: Event): void => latest.current.open((event as CustomEvent<Cid>).detail);
    addEventListener("miss:open", open);
    return () => removeEventListener("miss:open", open);
  }, []);
}

function useKeyboard(props: KeyboardProps): void {
  const { desk, navigation } = usePlace();
  const latest = useRef({ ...props, navigation });
  latest.current = { ...props, navigation };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      const typing = target.matches("input, textarea, select, [contenteditable]");
      if (document.querySelector("dialog[open]")) return;
      const { where, back } = latest.current.navigation;
      if (event.key === "Escape" && !event.defaultPrevented && !event.shiftKey && (where.panel || where.cid)) {
        event.preventDefault();
        back();
        return;
      }
      const command = commandOf(event, typing);
      if (command === null || !run(command, desk, latest.current)) return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [desk]);
}

/** True if the command had something to do. */
function run(command: NonNullable<ReturnType<typeof commandOf>>, desk: Desk, props: KeyboardProps & { navigation: Navigation }): boolean {
  const { navigation, filter, setFilter, setOpen } = props;
  const { where } = navigation;
  const list = filtered(sorted(desk.state.conversations.values()), filter, desk.state.own?.uid ?? "", where.cid);
  const go = (step: 1 | -1, unread: boolean): boolean => {
    const cid = neighbour(list, where.cid, step, unread ? (one) => one.unread > 0 : undefined);
    if (cid) navigation.open(cid);
    return true;
  };
  const press = (selector: string): boolean => {
    const element = document.querySelector<HTMLElement>(selector);
    element?.focus();
    return element !== null;
  };
  switch (command) {
    case "jump":
      return setOpen("jump"), true;
    case "help":
      return setOpen("help"), true;
    case "search":
      return setOpen("search"), true;
    case "newConversation":
      return setOpen("new"), true;
    case "searchHere":
      return where.cid ? (navigation.show({ kind: "searchHere" }), true) : false;
    case "info":
      return where.cid ? (navigation.show({ kind: "info" }), true) : false;
    case "alarms":
      return navigation.show({ kind: "alarms" }), true;
    case "nextUnread":
      return go(1, true);
    case "previousUnread":
      return go(-1, true);
    case "firstUnread":
      return where.cid ? (void props.goToUnread(where.cid), true) : false;
    case "next":
      return go(1, false);
    case "previous":
      return go(-1, false);
    case "unreadOnly":
      return setFilter({ ...filter, unreadOnly: !filter.unreadOnly }), true;
    case "writeHere":
      return press("#composer");
    case "attach":
      document.querySelector<HTMLElement>("#composer")?.closest("form")?.querySelector<HTMLElement>("button")?.click();
      return true;
    case "markRead":
      return void desk.markAllRead(), true;
    case "settings":
      return props.onSettings ? (props.onSettings(), true) : false;
    case "lock":
      return props.onLock ? (props.onLock(), true) : false;
  }
}
