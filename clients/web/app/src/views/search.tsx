/** Searching messages, on this device: everywhere (a window) or in one conversation (a panel). */
import { useEffect, useState } from "preact/hooks";
import type { Cid, Found } from "../engine/api.js";
import { conversationTitle } from "../state/names.js";
import type { Segment } from "../state/segments.js";
import { listTime } from "../state/times.js";
import { Dialog } from "./parts/dialog.js";
import { Segments } from "./parts/segments.js";
import { useDesk, usePlace } from "./place.js";

const LIMIT = 100;
const WAIT_MS = 200;

interface SearchProps {
  readonly cid: Cid | null;
  readonly onOpen: (found: Found) => void;
  readonly onQuery?: (query: string) => void;
}

export function SearchEverywhere({ onOpen, onClose }: { onOpen: (found: Found) => void; onClose: () => void }) {
  const { t } = usePlace();
  const open = (found: Found): void => {
    onClose();
    onOpen(found);
  };
  return (
    <Dialog title={t.search.everywhere} kind="full" onClose={onClose}>
      <Search cid={null} onOpen={open} />
    </Dialog>
  );
}

export function Search({ cid, onOpen, onQuery }: SearchProps) {
  const { t } = usePlace();
  const [query, setQuery] = useState("");
  const { found, done } = useFound(query, cid);
  const own = useDesk((state) => state.own?.uid ?? "");
  const conversations = useDesk((state) => state.conversations);
  const say = (): string => {
    if (!done) return t.search.hint;
    if (found.length === 0) return t.search.none(query.trim());
    return found.length === LIMIT ? t.search.atLeast(LIMIT) : t.search.found(found.length);
  };
  const titleOf = (one: Found): string => {
    const conversation = conversations.get(one.cid);
    return conversation ? conversationTitle(conversation, own, t.list.alone) : "";
  };
  return (
    <div class="search">
      <input
        type="search"
        class="text-input"
        autofocus
        autocomplete="off"
        aria-label={t.search.label}
        placeholder={t.search.label}
        value={query}
        onInput={(event: Event) => {
          const next = (event.currentTarget as HTMLInputElement).value;
          setQuery(next);
          onQuery?.(next.trim().length < 2 ? "" : next);
        }}
      />
      <p class="hint" role="status">
        {say()}
      </p>
      <ul class="found" aria-label={t.search.results}>
        {found.map((one) => (
          <li key={`${one.cid}/${one.seq}`}>
            <FoundLine found={one} title={cid === null ? titleOf(one) : ""} onOpen={onOpen} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function FoundLine({ found, title, onOpen }: { found: Found; title: string; onOpen: (found: Found) => void }) {
  const { language, now } = usePlace();
  return (
    <button type="button" class="found__line" onClick={() => onOpen(found)}>
      {title !== "" && <span class="found__title">{title}</span>}
      <time class="row__time">{listTime(found.depositedAtMs, now(), language)}</time>
      <span class="found__text">
        <Segments segments={marked(found)} />
      </span>
    </button>
  );
}

function marked({ excerpt, ranges }: Found): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from > at) segments.push({ kind: "text", text: excerpt.slice(at, from) });
    segments.push({ kind: "found", text: excerpt.slice(from, to) });
    at = to;
  }
  if (at < excerpt.length) segments.push({ kind: "text", text: excerpt.slice(at) });
  return segments;
}

function useFound(query: string, cid: Cid | null): { readonly found: readonly Found[]; readonly done: boolean } {
  const { desk } = usePlace();
  const [answer, setAnswer] = useState<{ found: readonly Found[]; done: boolean }>({ found: [], done: false });
  useEffect(() => {
    const asked = query.trim();
    if (asked.length < 2) {
      setAnswer({ found: [], done: false });
      return undefined;
    }
    let here = true;
    const timer = setTimeout(() => {
      void desk.act((engine) => engine.search(asked, cid, LIMIT)).then((found) => {
        if (here) setAnswer({ found: found ?? [], done: found !== undefined });
      });
    }, WAIT_MS);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [query, cid]);
  return answer;
}
