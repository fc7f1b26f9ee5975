/**
 * What every page needs at hand: the engine, the desk that follows it, the words, the clock, where the reader is.
 */
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Engine, Ms } from "../engine/api.js";
import type { DeskState } from "../state/desk.js";
import type { Language } from "../texts/language.js";
import type { Texts } from "../texts/texts.js";
import type { Desk } from "./desk.js";
import type { Navigation } from "./navigation.js";

export interface Place {
  readonly engine: Engine;
  readonly desk: Desk;
  readonly t: Texts;
  readonly language: Language;
  readonly now: () => Ms;
  readonly navigation: Navigation;
  /** Null: there are none (a development page). */
  readonly openSettings: ((section?: string) => void) | null;
}

export const PlaceContext = createContext<Place | null>(null);

export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error("a view stands outside of App");
  return place;
}

/** A part of the desk, again whenever that part is another one. */
export function useDesk<T>(select: (desk: DeskState) => T): T {
  const { desk } = usePlace();
  const chosen = select(desk.state);
  const [, repaint] = useState(0);
  useLayoutEffect(() => {
    let shown = chosen;
    const look = (): void => {
      const next = select(desk.state);
      if (!Object.is(next, shown)) {
        shown = next;
        repaint((count) => count + 1);
      }
    };
    look();
    return desk.watch(look);
  });
  return chosen;
}

/** The time, repainted every `everyMs`; 0: only when something else repaints. */
export function useNow(everyMs: number): Ms {
  const { now } = usePlace();
  const [, repaint] = useState(0);
  useEffect(() => {
    if (everyMs === 0) return undefined;
    const timer = setInterval(() => repaint((count) => count + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now();
}
