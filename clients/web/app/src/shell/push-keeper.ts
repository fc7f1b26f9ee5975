/** While somebody is at work: what the server has of this device's subscription is kept true.  The leading tab's. */

import type { Engine } from "../engine/api.js";
import { browserPush, isWantedHere, type PushChoices, PushSettings } from "./push.js";

const SETTLE_MS = 3_000;

/** Follow an engine until the answer is called.  What fails now is made good the next time. */
export function keepPush(engine: Engine, choices: PushChoices): () => void {
  const settings = new PushSettings(engine, browserPush(window));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let muted: string | null = null;
  const keep = (): void => void settings.keep(choices).catch(() => undefined);
  const look = async (): Promise<void> => {
    if (!isWantedHere(localStorage)) return;
    const cids = (await engine.conversations()).filter((one) => one.muted).map((one) => one.cid);
    const before = muted;
    muted = cids.sort().join();
    if (before !== null && before !== muted) keep();
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look().catch(() => undefined), SETTLE_MS);
  };
  const quiet = engine.subscribe((event) => {
    if (event.kind === "conversation") later();
  });
  const worker = (navigator as Partial<Navigator>).serviceWorker;
  const hear = ({ data }: MessageEvent<{ kind?: string }>): void => {
    if (data.kind === "wake") void engine.hurry().catch(() => undefined);
    if (data.kind === "renewPush") keep();
  };
  worker?.addEventListener("message", hear);
  keep();
  later();
  return () => {
    quiet();
    clearTimeout(timer);
    worker?.removeEventListener("message", hear);
  };
}
