/** What the shell knows that concerns everybody in this browser: a new version waits, the disk is nearly full. */

export interface Notices {
  /** Lets the new version in; null: none waits. */
  readonly use: (() => void) | null;
  /** Percent of the browser's space that are taken, once that is a concern. */
  readonly fullPercent: number | null;
}

const CONCERN_PERCENT = 90;
const LOOK_EVERY_MS = 5 * 60_000;

class NoticeBoard {
  #state: Notices = { use: null, fullPercent: null };
  readonly #watchers = new Set<(state: Notices) => void>();

  get state(): Notices {
    return this.#state;
  }

  set(change: Partial<Notices>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of [...this.#watchers]) watcher(this.#state);
  }

  watch(watcher: (state: Notices) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}

export const notices = new NoticeBoard();

/** Look at the space that is left, now and then. */
export function watchStorage(storage: StorageManager | undefined): void {
  const look = async (): Promise<void> => {
    const { usage = 0, quota = 0 } = (await storage?.estimate?.()) ?? {};
    const percent = quota > 0 ? Math.floor((usage / quota) * 100) : 0;
    notices.set({ fullPercent: percent >= CONCERN_PERCENT ? percent : null });
  };
  const again = (): void => void look().catch(() => undefined);
  again();
  setInterval(again, LOOK_EVERY_MS);
}
