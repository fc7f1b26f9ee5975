/**
 * Where the reader is: a conversation, a panel beside it, a picture over it.
 *
 * Kept in the browser's history without an address, so that the telephone's back button closes what was opened last
 * and no identifier stands in the address bar or in a list of pages visited.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Cid, Uid } from "../engine/api.js";

export type Panel =
  | { readonly kind: "info" }
  | { readonly kind: "contact"; readonly uid: Uid }
  | { readonly kind: "searchHere" }
  | { readonly kind: "alarms" };

export interface Where {
  readonly cid: Cid | null;
  readonly panel: Panel | null;
  /** A picture, by the place of its message and its number there. */
  readonly picture: { readonly seq: number; readonly index: number } | null;
}

export interface Navigation {
  readonly where: Where;
  open(cid: Cid): void;
  show(panel: Panel): void;
  look(seq: number, index: number): void;
  /** What the back button does; at the bottom: the list. */
  back(): void;
  /** A step within what is open, with no step of the history. */
  replace(where: Partial<Where>): void;
}

const HOME: Where = { cid: null, panel: null, picture: null };

interface Entry {
  readonly miss: Where;
  /** How many steps of ours lie below: at 0 the browser's own back would leave. */
  readonly depth: number;
}

function saved(): Entry {
  const state: unknown = history.state;
  const isOurs = state !== null && typeof state === "object" && "miss" in state;
  return isOurs ? (state as Entry) : { miss: HOME, depth: 0 };
}

/** What is one step out. */
function outOf({ cid, panel, picture }: Where): Where {
  if (picture) return { cid, panel, picture: null };
  return panel ? { cid, panel: null, picture: null } : HOME;
}

/** `first`: what to open at the start (from a notification); else where the reader was before a reload. */
export function useNavigation(first: Cid | null): Navigation {
  const [where, setWhere] = useState<Where>(() => (first ? { ...HOME, cid: first } : saved().miss));
  const latest = useRef(where);
  latest.current = where;
  useEffect(() => {
    const follow = (): void => setWhere(saved().miss);
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  return useMemo(() => {
    const push = (next: Where): void => {
      history.pushState({ miss: next, depth: saved().depth + 1 }, "");
      setWhere(next);
    };
    const put = (next: Where): void => {
      history.replaceState({ miss: next, depth: saved().depth }, "");
      setWhere(next);
    };
    return {
      where,
      // From one conversation to another is no step back through all of them: back leads to the list.
      open: (cid) => (latest.current.cid === null ? push : put)({ ...HOME, cid }),
      show: (panel) => (latest.current.panel === null ? push : put)({ ...latest.current, panel, picture: null }),
      look: (seq, index) => push({ ...latest.current, picture: { seq, index } }),
      back: () => (saved().depth > 0 ? history.back() : put(outOf(latest.current))),
      replace: (change) => put({ ...latest.current, ...change }),
    };
  }, [where]);
}
