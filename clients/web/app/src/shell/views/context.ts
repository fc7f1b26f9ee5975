/** What every view of the shell needs at hand. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

import { EngineError } from "../../engine/api.js";
import { LOCALES, type Language } from "../../texts/language.js";
import type { ShellTexts } from "../../texts/shell.js";
import { NOT_FETCHED } from "../fetched.js";
import type { Preferences } from "../preferences.js";
import type { Session } from "../session.js";

export interface ShellPlace {
  readonly session: Session;
  readonly t: ShellTexts;
  readonly language: Language;
  readonly preferences: Preferences;
  readonly choose: (change: Partial<Preferences>) => void;
  /** Minutes after which the establishments of whoever is at work have it locked; null: as one likes. */
  readonly lockLimit: number | null;
  readonly setLockLimit: (minutes: number | null) => void;
}

export const ShellContext = createContext<ShellPlace | null>(null);

export function useShell(): ShellPlace {
  const place = useContext(ShellContext);
  if (!place) throw new Error("a view stands outside of the shell");
  return place;
}

/** What a refusal says to a person; the sentences are fetched with the first of them. */
export function useSentence(error: EngineError | null): string {
  const { t, language } = useShell();
  const [sentence, setSentence] = useState("");
  useEffect(() => {
    setSentence("");
    if (!error) return undefined;
    let isWanted = true;
    const say = (text: string): void => {
      if (isWanted) setSentence(text);
    };
    if (error.code === NOT_FETCHED) say(t.start.notFetched);
    else import("../../texts/errors.js").then(({ errorSentence }) => say(errorSentence(error, language)), () => say(t.start.notFetched));
    return () => {
      isWanted = false;
    };
  }, [error, language]);
  return sentence;
}

/** Something that takes a moment: whether it runs, what went wrong, and how to begin it. */
export interface Work {
  readonly isRunning: boolean;
  /** For people, in their language; empty: nothing. */
  readonly problem: string;
  readonly error: EngineError | null;
  run(work: () => Promise<void>): Promise<void>;
  clear(): void;
}

export function useWork(): Work {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<EngineError | null>(null);
  return {
    isRunning,
    error,
    problem: useSentence(error),
    clear: () => setError(null),
    run: async (work) => {
      setRunning(true);
      setError(null);
      try {
        await work();
      } catch (cause) {
        setError(cause instanceof EngineError ? cause : new EngineError("internal", {}, { cause }));
      } finally {
        setRunning(false);
      }
    },
  };
}

/** An instant as people write it. */
export function dayOf(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "long" }).format(ms);
}

export function hourOf(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { timeStyle: "short" }).format(ms);
}
