/**
 * What is being written in one conversation: kept by the engine as it grows, given back when it is opened again.
 *
 * Saved soon after the last key and at once when the page is left; an edit of a sent message is no draft.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation, SavedDraft } from "../../engine/api.js";
import { usePlace } from "../place.js";

const SAVE_AFTER_MS = 600;
export const NO_DRAFT: SavedDraft = { text: "", reply: null, mentions: [], urgent: false };

export function useDraft(conversation: Conversation): readonly [SavedDraft, (draft: SavedDraft) => void] {
  const { desk } = usePlace();
  const { cid } = conversation;
  const [draft, setDraft] = useState<SavedDraft>(conversation.draft ?? NO_DRAFT);
  const pending = useRef<SavedDraft | null>(null);
  const timer = useRef(0);
  const save = (): void => {
    clearTimeout(timer.current);
    if (pending.current) void desk.saveDraft(cid, pending.current);
    pending.current = null;
  };
  // Left before the next paint and come back to: the draft is kept by then.
  useLayoutEffect(() => {
    const leave = (): void => {
      if (document.visibilityState === "hidden") save();
    };
    document.addEventListener("visibilitychange", leave);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      save();
    };
  }, [cid]);
  const change = (next: SavedDraft): void => {
    setDraft(next);
    pending.current = next;
    clearTimeout(timer.current);
    timer.current = setTimeout(save, next.text === "" ? 0 : SAVE_AFTER_MS) as unknown as number;
  };
  return [draft, change];
}
