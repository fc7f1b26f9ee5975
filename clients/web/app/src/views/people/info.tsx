/** A conversation's own page: its name, members and roles, its rules, and the way out. */
import { useState } from "preact/hooks";
import type { Conversation, Member, Policy } from "../../engine/api.js";
import { fullName, isDirect, memberOf, others } from "../../state/names.js";
import { RETENTIONS_S, spanWords } from "../../state/sizes.js";
import { rowActions } from "../list/pane.js";
import { Avatar } from "../parts/avatar.js";
import { type Action, ActionSheet, Confirm } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { VerifiedBadge } from "../parts/verified.js";
import { useDesk, usePlace } from "../place.js";
import { Picker } from "./picker.js";

type Open =
  | { readonly kind: "add" | "leave" }
  | { readonly kind: "actions" | "remove"; readonly member: Member }
  | { readonly kind: "retention"; readonly ttlS: number };

export function InfoPanel({ conversation }: { conversation: Conversation }) {
  const place = usePlace();
  const { t } = place;
  const own = useDesk((state) => state.own?.uid ?? "");
  const [open, setOpen] = useState<Open | null>(null);
  const isAdmin = conversation.isMember && memberOf(conversation, own)?.role === "admin";
  const isOnlyAdmin = isAdmin && others(conversation, own).length > 0 && !others(conversation, own).some((one) => one.role === "admin");
  return (
    <div class="panel__body">
      {!isDirect(conversation) && <NameForm conversation={conversation} />}
      <section>
        <h3 class="section-title">{t.info.members(conversation.members.length)}</h3>
        {isAdmin && !isDirect(conversation) && (
          <button type="button" class="action" onClick={() => setOpen({ kind: "add" })}>
            <Icon name="plus" />
            <span>{t.info.addMember}</span>
          </button>
        )}
        <ul class="people">
          {[...others(conversation, own), ...conversation.members.filter((member) => member.uid === own)].map((member) => (
            <MemberLine key={member.uid} member={member} isOwn={member.uid === own} onOpen={() => setOpen({ kind: "actions", member })} />
          ))}
        </ul>
        {!isAdmin && !isDirect(conversation) && <p class="hint">{t.info.onlyAdmins}</p>}
      </section>
      <Rules conversation={conversation} isAdmin={isAdmin} onRetention={(ttlS) => setOpen({ kind: "retention", ttlS })} />
      <section>
        <h3 class="section-title">{t.info.media}</h3>
        {rowActions(conversation, place).map((action) => (
          <button type="button" class="action" key={action.label} onClick={action.act}>
            <Icon name={action.icon} />
            <span>{action.label}</span>
          </button>
        ))}
        {conversation.isMember && !conversation.isLeaving && !isDirect(conversation) && (
          <button type="button" class="action action--danger" disabled={isOnlyAdmin} onClick={() => setOpen({ kind: "leave" })}>
            <Icon name="leave" />
            <span>{t.info.leave}</span>
          </button>
        )}
        {isOnlyAdmin && !isDirect(conversation) && <p class="hint">{t.info.lastAdmin}</p>}
      </section>
      <Windows conversation={conversation} isAdmin={isAdmin} open={open} onOpen={setOpen} />
    </div>
  );
}

/** What opens over the page: people to add, and the questions before what cannot be undone. */
function Windows({ conversation, isAdmin, open, onOpen }: { conversation: Conversation; isAdmin: boolean; open: Open | null; onOpen: (open: Open | null) => void }) {
  const { t, desk, navigation } = usePlace();
  const { cid } = conversation;
  const close = (): void => onOpen(null);
  const leave = async (): Promise<void> => {
    const left = await desk.write(cid, (engine) => engine.leave(cid));
    if (left !== undefined) navigation.back();
  };
  return (
    <>
      {open?.kind === "add" && <Picker into={conversation} onClose={close} />}
      {open?.kind === "leave" && (
        <Confirm title={t.info.leaveTitle} text={t.info.leaveText} action={t.info.leave} danger onClose={close} onConfirm={() => void leave()} />
      )}
      {open?.kind === "actions" && <MemberActions conversation={conversation} member={open.member} isAdmin={isAdmin} onOpen={onOpen} onClose={close} />}
      {open?.kind === "remove" && (
        <Confirm
          title={t.info.removeTitle(fullName(open.member.who))}
          text={t.info.removeText}
          action={t.info.remove}
          danger
          onClose={close}
          onConfirm={() => void desk.write(cid, (engine) => engine.removeMember(cid, open.member.uid))}
        />
      )}
      {open?.kind === "retention" && (
        <Confirm
          title={t.info.retentionTitle}
          text={t.info.retentionText(spanWords(open.ttlS, t))}
          action={t.common.save}
          danger={open.ttlS > 0}
          onClose={close}
          onConfirm={() => void desk.write(cid, (engine) => engine.setPolicy(cid, { ttlS: open.ttlS }))}
        />
      )}
    </>
  );
}

function NameForm({ conversation }: { conversation: Conversation }) {
  const { t, desk } = usePlace();
  const [name, setName] = useState(conversation.name);
  const { cid } = conversation;
  const changed = name.trim() !== "" && name.trim() !== conversation.name;
  return (
    <form
      class="field"
      onSubmit={(event: Event) => {
        event.preventDefault();
        if (changed) void desk.write(cid, (engine) => engine.rename(cid, name.trim()));
      }}
    >
      <label for="conversation-name">{t.info.name}</label>
      <span class="field__line">
        <input
          id="conversation-name"
          class="text-input"
          maxLength={80}
          value={name}
          disabled={!conversation.isMember}
          onInput={(event: Event) => setName((event.currentTarget as HTMLInputElement).value)}
        />
        {changed && (
          <button type="submit" class="button">
            {t.info.rename}
          </button>
        )}
      </span>
      <span class="hint">{t.picker.groupNameHint}</span>
    </form>
  );
}

function MemberLine({ member, isOwn, onOpen }: { member: Member; isOwn: boolean; onOpen: () => void }) {
  const { t } = usePlace();
  const name = fullName(member.who);
  const inside = (
    <>
      <Avatar id={member.uid} name={name} small />
      <span class="person__main">
        <span class="person__name">
          {isOwn ? `${name} (${t.common.you.toLowerCase()})` : name}
          {!isOwn && <VerifiedBadge uid={member.uid} />}
        </span>
        <span class="person__hint">{member.who.profession}</span>
      </span>
      {member.role === "admin" && <span class="tag">{t.info.admin}</span>}
    </>
  );
  return (
    <li>
      {isOwn ? (
        <div class="person">{inside}</div>
      ) : (
        <button type="button" class="person person--choice" onClick={onOpen}>
          {inside}
        </button>
      )}
    </li>
  );
}

interface MemberActionsProps {
  readonly conversation: Conversation;
  readonly member: Member;
  readonly isAdmin: boolean;
  readonly onOpen: (open: Open) => void;
  readonly onClose: () => void;
}

function MemberActions({ conversation, member, isAdmin, onOpen, onClose }: MemberActionsProps) {
  const { t, desk, navigation } = usePlace();
  const { cid } = conversation;
  const { uid } = member;
  const next = member.role === "admin" ? "member" : "admin";
  const actions: Action[] = [{ label: t.info.contact, icon: "person", act: () => navigation.show({ kind: "contact", uid }) }];
  if (isAdmin && !isDirect(conversation)) {
    actions.push(
      {
        label: next === "admin" ? t.info.makeAdmin : t.info.makeMember,
        icon: "people",
        act: () => void desk.write(cid, (engine) => engine.setRole(cid, uid, next)),
      },
      { label: t.info.remove, icon: "leave", danger: true, act: () => queueMicrotask(() => onOpen({ kind: "remove", member })) },
    );
  }
  return <ActionSheet title={fullName(member.who)} actions={actions} onClose={onClose} />;
}

interface RulesProps {
  readonly conversation: Conversation;
  readonly isAdmin: boolean;
  readonly onRetention: (ttlS: number) => void;
}

function Rules({ conversation, isAdmin, onRetention }: RulesProps) {
  const { t, desk } = usePlace();
  const { policy, cid } = conversation;
  const choices = [...new Set([...RETENTIONS_S, policy.ttlS])].sort((a, b) => a - b);
  const histories: readonly (readonly [Policy["history"], string])[] = [
    ["nothing", t.info.historyNothing],
    ["everything", t.info.historyEverything],
  ];
  return (
    <section>
      <h3 class="section-title">{t.info.policy}</h3>
      <label class="field">
        <span>{t.info.retention}</span>
        <select
          class="text-input"
          value={policy.ttlS}
          disabled={!isAdmin}
          onChange={(event: Event) => {
            const element = event.currentTarget as HTMLSelectElement;
            const ttlS = Number(element.value);
            element.value = String(policy.ttlS);
            onRetention(ttlS);
          }}
        >
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {spanWords(choice, t)}
            </option>
          ))}
        </select>
        <span class="hint">{t.info.retentionNote}</span>
      </label>
      {!isDirect(conversation) && (
        <label class="field">
          <span>{t.info.history}</span>
          <select
            class="text-input"
            value={policy.history}
            disabled={!isAdmin}
            onChange={(event: Event) => {
              const history = (event.currentTarget as HTMLSelectElement).value as Policy["history"];
              void desk.write(cid, (engine) => engine.setPolicy(cid, { history }));
            }}
          >
            {histories.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {policy.owner !== "" && <p class="hint">{t.info.owner(policy.owner)}</p>}
    </section>
  );
}
