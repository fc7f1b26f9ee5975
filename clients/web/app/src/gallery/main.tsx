/**
 * The gallery: the views over an engine without a server, for looking, pictures and axe.  `?scene=` chooses what is
 * wrong that day, `?open=` a conversation by its number, `?theme= ?text= ?lang=` how it looks, `?long=` how much history.
 */
import { render } from "preact";
import type { Language } from "../texts/language.js";
import { App } from "../views/app.js";
import { NOW, TEAM, WOUND, cid, crowd, seeds, told } from "./data.js";
import { GalleryEngine, type GalleryOptions, asEngine } from "./engine.js";
import { CLAIRE, KARIM, MARIE } from "./people.js";
import { picture } from "./picture.js";

const asked = new URLSearchParams(location.search);
const language: Language = asked.get("lang") === "en" ? "en" : "fr";
const root = document.documentElement;
root.lang = language;
for (const name of ["theme", "text"]) {
  const value = asked.get(name);
  if (value !== null) root.dataset[name] = value;
}

const all = seeds(Number(asked.get("long") ?? "300"));
const SCENES: Readonly<Record<string, Partial<GalleryOptions>>> = {
  calm: { seeds: all.map((seed) => ({ ...seed, conversation: { ...seed.conversation, unread: 0, failed: 0 }, messages: seed.messages.map((message) => ({ ...message, alarm: null })) })) },
  offline: { connection: "waiting", synced: false },
  refused: { connection: "refused", synced: false },
  empty: { seeds: [] },
  crowded: { seeds: crowd() },
  restored: { seeds: all.map((seed) => ({ ...seed, conversation: { ...seed.conversation, lost: 3 } })) },
  warned: { warnings: [{ uid: CLAIRE.uid, kind: "key_changed", atMs: NOW }] },
};
const engine = new GalleryEngine({ seeds: all, picture, ...SCENES[asked.get("scene") ?? ""] });
const open = asked.get("open");
const place = document.getElementById("app");
if (place) {
  render(
    <App
      engine={asEngine(engine)}
      language={language}
      now={() => NOW}
      first={open === null ? null : cid(Number(open))}
      onSettings={() => undefined}
      onLock={() => undefined}
    />,
    place,
  );
}

/** For a test: make something happen. */
Object.assign(window, {
  gallery: {
    calls: engine.calls,
    lastFile: () => Array.from(engine.files.at(-1) ?? []),
    typing: () => engine.announce({ kind: "typing", cid: WOUND, uid: CLAIRE.uid, on: true }),
    typingTeam: () => {
      for (const uid of [KARIM.uid, MARIE.uid]) engine.announce({ kind: "typing", cid: TEAM, uid, on: true });
    },
    receive: (seq: number, text: string) => engine.receive(told(WOUND, seq, { of: CLAIRE, at: NOW, text })),
    revoke: (wiped: boolean) => engine.announce({ kind: "revoked", wiped, reason: "" }),
    lie: () => engine.announce({ kind: "serverLied", code: "receipt", cid: null, uid: null }),
    upload: (mid: string, sentBytes: number) => engine.announce({ kind: "upload", cid: cid(6), mid, sentBytes, sizeBytes: 100 }),
  },
});
