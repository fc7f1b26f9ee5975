/**
 * Keeps the client's own files, so that it opens without network, always all of one version.
 *
 * It never sees a key or a message: requests to the server's programs pass it by, and it answers for no other page.  A
 * new version waits until the page says that the person wants it; a message on screen never moves under somebody's
 * fingers.
 *
 * A wake-up (Web Push, ADR 52) says nothing: it shows « Nouveau message », always the same, and only if nobody looks.
 */

declare const self: ServiceWorkerGlobalScope;
declare const MISS_VERSION: string;
declare const MISS_FILES: readonly string[];

const CACHE = `miss-${MISS_VERSION}`;
const PAGE = "./";
const WAKE_TAG = "miss-wake";
/** Where the page leaves the language of its owner: its own storage is closed to a worker. */
const WORDS_CACHE = "push-words";
const WORDS_URL = "./push-words.json";
const WORDS = {
  fr: { wake: "Nouveau message", reopen: "Ouvrez MiSS pour continuer à être prévenu" },
  en: { wake: "New message", reopen: "Open MiSS to go on being notified" },
} as const;
/** WebKit takes the right to wake away from who shows nothing three times; others only if nobody looks. */
const MUST_SHOW = /Safari\//.test(navigator.userAgent) && !/Chrom(e|ium)\//.test(navigator.userAgent);

self.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("message", (event) => {
  if ((event.data as { kind?: string } | null)?.kind === "activate") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(self.registration.scope);
  if (request.method !== "GET" || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  // What tells of versions is always asked of the server.
  if (url.pathname.endsWith("/hashes.json") || url.pathname.endsWith("/service-worker.js")) return;
  event.respondWith(answer(request, request.mode === "navigate" ? new URL(PAGE, scope) : url));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show((event.notification.data as { cid?: string } | null)?.cid ?? ""));
});

self.addEventListener("push", (event) => {
  event.waitUntil(wake());
});

self.addEventListener("pushsubscriptionchange", (event) => {
  (event as ExtendableEvent).waitUntil(renew());
});

/** Every file of this version, past the browser's own cache, or nothing. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const files = [PAGE, ...MISS_FILES.filter((name) => name !== "index.html")];
  await cache.addAll(files.map((name) => new Request(name, { cache: "reload" })));
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("miss-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(url, { ignoreSearch: true })) ?? fetch(request);
}

/** Tell the pages, and the person if none of them is looked at. */
async function wake(): Promise<void> {
  const windows = await tellAll("wake");
  if (MUST_SHOW || !windows.some((page) => page.visibilityState === "visible")) await notify("wake");
}

/** The browser has another address for us: only a page, whose keys are open, can tell the server. */
async function renew(): Promise<void> {
  const windows = await tellAll("renewPush");
  if (windows.length === 0) await notify("reopen");
}

async function tellAll(kind: string): Promise<readonly WindowClient[]> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of windows) page.postMessage({ kind });
  return windows;
}

async function notify(what: keyof typeof WORDS.fr): Promise<void> {
  const options: NotificationOptions & { renotify: boolean } = {
    ...{ tag: WAKE_TAG, renotify: true, data: { cid: "" } },
    ...{ icon: "icons/miss-192.png", badge: "icons/miss-192.png" },
  };
  await self.registration.showNotification((await words())[what], options);
}

async function words(): Promise<(typeof WORDS)[keyof typeof WORDS]> {
  const kept = await (await caches.open(WORDS_CACHE)).match(WORDS_URL);
  const { language } = ((await kept?.json()) ?? {}) as { language?: string };
  return language === "en" ? WORDS.en : WORDS.fr;
}

/** Bring a window to the front, or open one, at a conversation. */
async function show(cid: string): Promise<void> {
  const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open) {
    await open.focus();
    open.postMessage({ kind: "open", cid });
  } else {
    await self.clients.openWindow(cid ? `${PAGE}#/c/${cid}` : PAGE);
  }
}

export {};
