/**
 * Opens the application in the page: what can be shown at once, then everything else.
 */

import { render } from "preact";

import { type TabMessage, tell } from "./channel.js";
import { warm } from "./fetched.js";
import { IdleWatch } from "./idle.js";
import { installable } from "./install.js";
import { tellLooking } from "./looking.js";
import { notices, watchStorage } from "./notices.js";
import { pageParts } from "./page-parts.js";
import { idleMinutes, type Preferences, readPreferences, showPreferences } from "./preferences.js";
import { Session } from "./session.js";
import { keepUpToDate } from "./update.js";
import { Root } from "./views/root.js";

const CHANNEL = "miss";

function start(place: HTMLElement): void {
  let preferences = readPreferences(localStorage, navigator.languages);
  let limit: number | null = null;
  showPreferences(document.documentElement, preferences);
  const channel = new BroadcastChannel(CHANNEL);
  const parts = pageParts(() => preferences.language);
  const session = new Session(channel, () => parts);
  const idle = new IdleWatch(() => idleMinutes(preferences, limit) * 60_000 || null, Date.now, () => void session.lock());
  tellLooking(window, navigator.locks);
  idle.follow(window, () => tell(channel, { kind: "active" }));
  channel.addEventListener("message", ({ data }: MessageEvent<TabMessage>) => {
    if (data.kind === "active") idle.alive();
  });
  const keep = (chosen: Preferences, longest: number | null): void => {
    [preferences, limit] = [chosen, longest];
  };
  render(<Root session={session} first={conversationOf(location.hash)} onPreferences={keep} />, place);
  session.start(navigator.locks);
  installable.listen(window);
  watchStorage((navigator as Partial<Navigator>).storage);
  void settle(session);
  (navigator as Partial<Navigator>).serviceWorker?.addEventListener("message", ({ data }: MessageEvent<{ kind?: string; cid?: string }>) => {
    if (data.kind === "open" && data.cid) dispatchEvent(new CustomEvent("miss:open", { detail: data.cid }));
  });
}

/** After the first screen, what comes behind it; then what is kept for later starts. */
async function settle(session: Session): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (session.phase.kind === "starting") return;
      stop();
      resolve();
    };
    const stop = session.watch(look);
    look();
  });
  await warm();
  performance.mark("miss:warm");
  await keepUpToDate((use) => notices.set({ use })).catch(() => undefined);
}

/** The conversation that a notification opened a window for; its address is taken off the bar at once. */
function conversationOf(hash: string): string | null {
  const [, cid] = /^#\/c\/([0-9a-f]+)$/.exec(hash) ?? [];
  if (hash) history.replaceState(history.state, "", location.pathname);
  return cid ?? null;
}

const place = document.getElementById("app");
if (place) start(place);
