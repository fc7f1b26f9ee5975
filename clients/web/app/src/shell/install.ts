/** Whether this browser offers to install the application, and asking it to. */

export type InstallState = "no" | "offered" | "installed" | "apple";

/** Chromium's own event; other browsers install from their menu. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

class Installable {
  #event: InstallEvent | null = null;
  #state: InstallState = "no";
  readonly #watchers = new Set<(state: InstallState) => void>();

  get state(): InstallState {
    return this.#state;
  }

  /** Begin to listen, as early as possible: the browser offers it once. */
  listen(page: Window): void {
    if (page.matchMedia("(display-mode: standalone)").matches) this.#set("installed");
    else if (/iPhone|iPad/.test(page.navigator.userAgent)) this.#set("apple");
    page.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#event = event as InstallEvent;
      this.#set("offered");
    });
    page.addEventListener("appinstalled", () => this.#set("installed"));
  }

  watch(watcher: (state: InstallState) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** The browser asks the person; an offer holds once. */
  async ask(): Promise<void> {
    const event = this.#event;
    this.#event = null;
    if (this.#state === "offered") this.#set("no");
    await event?.prompt();
  }

  #set(state: InstallState): void {
    this.#state = state;
    for (const watcher of [...this.#watchers]) watcher(state);
  }
}

export const installable = new Installable();
