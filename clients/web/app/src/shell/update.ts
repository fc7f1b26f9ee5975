/**
 * The service worker from the page's side: registers it, says when a new version waits, lets it take over when asked.
 *
 * The one Trusted Types policy of the page is here: it makes the address of the worker and no other.
 */

const WORKER = "service-worker.js";
const LOOK_EVERY_MS = 30 * 60_000;

interface Policy {
  createScriptURL(url: string): string;
}
interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

/** Register the worker; `onReady` is called when a new version waits, with what lets it in. */
export async function keepUpToDate(onReady: (use: () => void) => void): Promise<void> {
  const container = (navigator as Partial<Navigator>).serviceWorker;
  if (!container) return;
  // The first worker takes over a page that it did not serve: that is no reason to load it again.
  let hadWorker = container.controller !== null;
  container.addEventListener("controllerchange", () => {
    if (hadWorker) location.reload();
    hadWorker = true;
  });
  const registration = await container.register(scriptUrl());
  const offer = (): void => {
    const waiting = registration.waiting;
    if (waiting && container.controller) onReady(() => waiting.postMessage({ kind: "activate" }));
  };
  offer();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
}

function scriptUrl(): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  const rules: Policy = {
    createScriptURL: (url) => {
      if (url !== WORKER) throw new TypeError(`${url} is no script of this page`);
      return url;
    },
  };
  return (factory?.createPolicy("miss", rules) ?? rules).createScriptURL(WORKER);
}
