/** Choosing people in the directory: one to write to, several for a group, some to add to one. */
import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../../engine/api.js";
import { type Candidate, directWith, fromEntry, knownPeople, merged } from "../../state/directory.js";
import { fullName } from "../../state/names.js";
import { LOCALES } from "../../texts/language.js";
import { Avatar } from "../parts/avatar.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { useDesk, usePlace } from "../place.js";

const WAIT_MS = 250;
/** As many as the server tells at once. */
const LIMIT = 20;

interface PickerProps {
  /** Null: for a new conversation. */
  readonly into: Conversation | null;
  readonly onClose: () => void;
}

export function Picker({ into, onClose }: PickerProps) {
  const { t, desk, navigation } = usePlace();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<readonly Candidate[]>([]);
  const [name, setName] = useState("");
  const [everything, setEverything] = useState(false);
  const [busy, setBusy] = useState(false);
  const conversations = useDesk((state) => state.conversations);
  const toggle = (candidate: Candidate): void => {
    const without = chosen.filter((one) => one.key !== candidate.key);
    setChosen(without.length < chosen.length ? without : [...chosen, candidate]);
  };
  const group = into === null && chosen.length > 1;
  const finish = async (event: Event): Promise<void> => {
    event.preventDefault();
    const uids = chosen.flatMap((candidate) => (candidate.uid === null ? [] : [candidate.uid]));
    const [first] = uids;
    if (first === undefined || busy) return;
    const there = into === null && uids.length === 1 && name.trim() === "" ? directWith(conversations.values(), first) : null;
    if (there) {
      onClose();
      return navigation.open(there.cid);
    }
    setBusy(true);
    const done = await desk.act(async (engine) => {
      if (into) {
        for (const uid of uids) await engine.addMember(into.cid, uid, "member");
        return into.cid;
      }
      return engine.createConversation(uids, group ? name.trim() : "", group && everything ? { history: "everything" } : {});
    });
    setBusy(false);
    if (done === undefined) return;
    onClose();
    if (!into) navigation.open(done);
  };
  const act = into ? t.picker.add : group ? t.picker.create : t.picker.start;
  return (
    <Dialog title={into ? t.picker.addTitle : t.picker.title} kind="full" onClose={onClose}>
      <form class="picker" onSubmit={(event: Event) => void finish(event)}>
        <SearchField query={query} onQuery={setQuery} />
        <Chosen chosen={chosen} onRemove={toggle} />
        <Results query={query} chosen={chosen} into={into} onToggle={toggle} />
        {group && <GroupFields name={name} onName={setName} everything={everything} onEverything={setEverything} />}
        <div class="dialog__actions">
          <button type="submit" class="button" disabled={chosen.length === 0 || busy}>
            {act}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function SearchField({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const { t } = usePlace();
  return (
    <input
      type="search"
      class="text-input"
      autofocus
      autocomplete="off"
      aria-label={t.picker.search}
      placeholder={t.picker.search}
      value={query}
      onInput={(event: Event) => onQuery((event.currentTarget as HTMLInputElement).value)}
      onKeyDown={(event: KeyboardEvent) => event.key === "Enter" && event.preventDefault()}
    />
  );
}

interface GroupProps {
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly everything: boolean;
  readonly onEverything: (everything: boolean) => void;
}

function GroupFields({ name, onName, everything, onEverything }: GroupProps) {
  const { t } = usePlace();
  return (
    <div class="picker__group">
      <label class="field">
        <span>{t.picker.groupName}</span>
        <input class="text-input" required maxLength={80} placeholder={t.picker.groupNamePlaceholder} value={name} onInput={(event: Event) => onName((event.currentTarget as HTMLInputElement).value)} />
        <span class="hint">{t.picker.groupNameHint}</span>
      </label>
      <label class="check">
        <input type="checkbox" checked={everything} onChange={(event: Event) => onEverything((event.currentTarget as HTMLInputElement).checked)} />
        <span>{t.picker.history}</span>
      </label>
    </div>
  );
}

function Chosen({ chosen, onRemove }: { chosen: readonly Candidate[]; onRemove: (candidate: Candidate) => void }) {
  const { t } = usePlace();
  if (chosen.length === 0) return null;
  return (
    <ul class="chips chips--chosen" aria-label={t.picker.chosen}>
      {chosen.map((candidate) => (
        <li key={candidate.key}>
          <button type="button" class="chip" aria-label={t.picker.remove(fullName(candidate.who))} onClick={() => onRemove(candidate)}>
            {fullName(candidate.who)} <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface ResultsProps {
  readonly query: string;
  readonly chosen: readonly Candidate[];
  readonly into: Conversation | null;
  readonly onToggle: (candidate: Candidate) => void;
}

/** What the directory answers to `query`, some time after the last key. */
function useDirectory(query: string): { readonly found: readonly Candidate[]; readonly state: "idle" | "searching" | "done" | "offline" } {
  const { engine } = usePlace();
  const [answer, setAnswer] = useState<ReturnType<typeof useDirectory>>({ found: [], state: "idle" });
  useEffect(() => {
    const asked = query.trim();
    if (asked.length < 2) {
      setAnswer({ found: [], state: "idle" });
      return undefined;
    }
    let here = true;
    setAnswer((before) => ({ found: before.found, state: "searching" }));
    const timer = setTimeout(() => {
      engine.directory(asked, LIMIT).then(
        (entries) => here && setAnswer({ found: entries.map(fromEntry), state: "done" }),
        () => here && setAnswer({ found: [], state: "offline" }),
      );
    }, WAIT_MS);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [query]);
  return answer;
}

function Results({ query, chosen, into, onToggle }: ResultsProps) {
  const { t } = usePlace();
  const { found, state } = useDirectory(query);
  const own = useDesk((desk) => desk.own?.uid ?? "");
  const conversations = useDesk((desk) => desk.conversations);
  const people = merged(knownPeople(conversations.values(), own, query), found, own);
  const isMember = (candidate: Candidate): boolean => into?.members.some((member) => member.uid === candidate.uid) ?? false;
  return (
    <div class="picker__results">
      <p class="hint" role="status">
        {state === "searching" && t.picker.searching}
        {state === "idle" && t.picker.hint(LIMIT)}
        {state === "offline" && t.picker.offline}
        {state === "done" && found.length === LIMIT && t.picker.first(LIMIT)}
        {state === "done" && people.length === 0 && t.picker.none(query.trim())}
      </p>
      <ul class="people" aria-label={t.picker.results}>
        {people.map((candidate) => (
          <li key={candidate.key}>
            <PersonChoice
              candidate={candidate}
              isChosen={chosen.some((one) => one.key === candidate.key)}
              isMember={isMember(candidate)}
              onToggle={() => onToggle(candidate)}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function PersonChoice({ candidate, isChosen, isMember, onToggle }: { candidate: Candidate; isChosen: boolean; isMember: boolean; onToggle: () => void }) {
  const { t, language } = usePlace();
  const { who, specialty, town, successor, awayUntil, uid } = candidate;
  const presence = useDesk((desk) => (uid === null ? undefined : desk.presence.get(uid)));
  const about = [specialty || who.profession, town].filter((part) => part !== "").join(" · ");
  const day = (at: Date, timeZone?: string): string => at.toLocaleDateString(LOCALES[language], { timeZone });
  return (
    <button type="button" class="person person--choice" aria-pressed={isChosen} disabled={uid === null || isMember} onClick={onToggle}>
      <Avatar id={candidate.key} name={fullName(who)} small />
      <span class="person__main">
        <span class="person__name">
          {fullName(who)}
          {uid !== null && (
            <span class="verified" title={t.picker.verified}>
              <Icon name="verified" />
              <span class="visually-hidden">{t.picker.verified}</span>
            </span>
          )}
        </span>
        <span class="person__hint">{about}</span>
        {presence && presence !== "away" && <span class="person__hint">{t.info.presence[presence]}</span>}
        {awayUntil && <span class="person__hint">{t.picker.away(day(new Date(awayUntil), "UTC"))}</span>}
        {isMember && <span class="person__hint">{t.picker.member}</span>}
        {uid === null && !successor && <span class="person__hint">{t.picker.noAccount}</span>}
        {successor && <span class="person__hint">{t.picker.replacedBy(fullName(successor), day(new Date(successor.untilMs)))}</span>}
      </span>
      {isChosen && <Icon name="check" />}
    </button>
  );
}
