/** One open conversation: its head, its messages, the field to write in, and what opens over them. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Cid, Conversation, Message } from "../../engine/api.js";
import { typingIn } from "../../state/desk.js";
import { conversationTitle, counterpart, isDirect } from "../../state/names.js";
import { nameIn } from "../../state/preview.js";
import { spanWords } from "../../state/sizes.js";
import type { Thread } from "../../state/thread.js";
import { Composer, type ComposerHandle } from "../composer/composer.js";
import { Avatar } from "../parts/avatar.js";
import { type Action, ActionSheet } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { VerifiedBadge } from "../parts/verified.js";
import { useDesk, useNow, usePlace } from "../place.js";
import { rowActions } from "../list/pane.js";
import type { MessageActs } from "./acts.js";
import { type About, AboutMessage } from "./dialogs.js";
import { MessageLog, type LogHandle } from "./log.js";
import { Lost } from "./lost.js";

interface ThreadProps {
  readonly cid: Cid;
  readonly onSaid: (text: string) => void;
  readonly query: string;
  readonly goal: { readonly seq: number } | null;
}

export function ThreadPane(props: ThreadProps) {
  const { desk } = usePlace();
  const conversation = useDesk((state) => state.conversations.get(props.cid));
  const thread = useDesk((state) => state.threads.get(props.cid));
  const known = conversation !== undefined;
  useLayoutEffect(() => {
    void desk.open(props.cid);
  }, [props.cid, known]);
  if (!conversation || !thread) return <Loading />;
  return <Opened key={props.cid} {...props} conversation={conversation} thread={thread} />;
}

function Loading() {
  const { t } = usePlace();
  return (
    <p class="empty" role="status">
      {t.common.loading}
    </p>
  );
}

interface OpenedProps extends ThreadProps {
  readonly conversation: Conversation;
  readonly thread: Thread;
}

function Opened({ cid, conversation, thread, onSaid, query, goal }: OpenedProps) {
  const { desk, t } = usePlace();
  const own = useDesk((state) => state.own?.uid ?? "");
  const composer = useRef<ComposerHandle | null>(null);
  const log = useRef<LogHandle | null>(null);
  const [about, setAbout] = useState<About | null>(null);
  const goTo = useCallback(
    async (seq: number) => {
      if (await desk.reach(cid, seq)) log.current?.show(seq);
      else onSaid(t.thread.gone);
    },
    [cid, t],
  );
  useEffect(() => {
    if (goal) void goTo(goal.seq);
  }, [goal]);
  const sent = (): void => {
    desk.settle(cid);
    log.current?.toEnd();
  };
  const acts = useMemo<MessageActs>(
    () => ({
      reply: (message) => composer.current?.reply(message),
      edit: (message) => composer.current?.edit(message),
      react: (message) => setAbout({ kind: "react", message }),
      menu: (message) => setAbout({ kind: "menu", message }),
      versions: (message) => setAbout({ kind: "versions", message }),
      acknowledge: (message) => setAbout({ kind: "acknowledge", message }),
      goTo: (seq) => void goTo(seq),
      toggleReaction: (message: Message, emoji: string) => {
        const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.uids.includes(own));
        void desk.write(cid, (engine) =>
          mine ? engine.withdrawReaction(cid, message.seq, emoji) : engine.react(cid, message.seq, emoji),
        );
      },
    }),
    [cid, own, goTo],
  );
  return (
    <>
      <ThreadHead conversation={conversation} own={own} />
      <MessageLog conversation={conversation} thread={thread} own={own} acts={acts} query={query} handle={log} />
      <Lost conversation={conversation} own={own} />
      <Foot conversation={conversation} own={own} thread={thread} composer={composer} onSaid={onSaid} onSent={sent} />
      {about && (
        <AboutMessage key={about.kind} about={about} conversation={conversation} own={own} acts={acts} onAbout={setAbout} onSaid={onSaid} />
      )}
    </>
  );
}

function ThreadHead({ conversation, own }: { conversation: Conversation; own: string }) {
  const place = usePlace();
  const { t, navigation } = place;
  const [menu, setMenu] = useState(false);
  const title = conversationTitle(conversation, own, t.list.alone);
  const other = counterpart(conversation, own);
  const actions: Action[] = [
    { label: t.thread.searchHere, icon: "search", act: () => navigation.show({ kind: "searchHere" }) },
    { label: t.thread.info, icon: "info", act: () => navigation.show(other ? { kind: "contact", uid: other.uid } : { kind: "info" }) },
    ...(other ? [{ label: t.info.policy, icon: "timer", act: () => navigation.show({ kind: "info" }) } as const] : []),
    ...rowActions(conversation, place),
  ];
  return (
    <header class="bar bar--thread">
      <button type="button" class="icon-button bar__back" aria-label={t.common.back} title={t.common.back} onClick={() => navigation.back()}>
        <Icon name="back" />
      </button>
      <button
        type="button"
        class="bar__who"
        title={t.thread.info}
        onClick={() => navigation.show(other ? { kind: "contact", uid: other.uid } : { kind: "info" })}
      >
        <Avatar id={other?.uid ?? conversation.cid} name={title} group={!isDirect(conversation)} small />
        <span class="bar__names">
          <span class="bar__line">
            <h2 class="bar__title">{title}</h2>
            {other && <VerifiedBadge uid={other.uid} />}
          </span>
          <Subtitle conversation={conversation} own={own} />
        </span>
      </button>
      <button
        type="button"
        class="icon-button bar__wide"
        aria-label={t.thread.searchHere}
        title={t.thread.searchHere}
        onClick={() => navigation.show({ kind: "searchHere" })}
      >
        <Icon name="search" />
      </button>
      <button type="button" class="icon-button" aria-label={t.common.more} title={t.common.more} onClick={() => setMenu(true)}>
        <Icon name="more" />
      </button>
      {menu && <ActionSheet title={title} actions={actions} onClose={() => setMenu(false)} />}
    </header>
  );
}

function Subtitle({ conversation, own }: { conversation: Conversation; own: string }) {
  const { t } = usePlace();
  const now = useNow(3000);
  const desk = useDesk((state) => state.typing);
  const state = usePlace().desk.state;
  const typing = typingIn({ ...state, typing: desk }, conversation.cid, now);
  const other = counterpart(conversation, own);
  const presence = useDesk((one) => (other ? one.presence.get(other.uid) : undefined));
  if (typing.length > 0) {
    const names = typing.map((uid) => nameIn(conversation, uid, own, t)).join(", ");
    return <span class="bar__sub bar__sub--typing">{other ? t.list.typing : t.thread.typing(names, typing.length)}</span>;
  }
  const parts: string[] = [];
  if (other) parts.push(other.who.profession);
  else parts.push(t.thread.members(conversation.members.length));
  if (presence && presence !== "away") parts.push(t.info.presence[presence]);
  if (conversation.policy.ttlS > 0) parts.push(t.thread.retention(spanWords(conversation.policy.ttlS, t)));
  return <span class="bar__sub">{parts.filter((part) => part !== "").join(" · ")}</span>;
}

interface FootProps {
  readonly conversation: Conversation;
  readonly thread: Thread;
  readonly own: string;
  readonly composer: { current: ComposerHandle | null };
  readonly onSaid: (text: string) => void;
  readonly onSent: () => void;
}

function Foot({ conversation, composer, thread, own, onSaid, onSent }: FootProps) {
  const { t } = usePlace();
  if (!conversation.isMember) return <p class="foot-note">{t.thread.notMember}</p>;
  if (conversation.isLeaving) return <p class="foot-note">{t.thread.leaving}</p>;
  return <Composer conversation={conversation} thread={thread} own={own} handle={composer} onSaid={onSaid} onSent={onSent} />;
}
