import { expect, test } from "vitest";

import { findWords, foldText, search, wordsOf } from "./search.js";
import { openStore, testPlatform } from "./testing/platform.js";
import { EMPTY } from "./model.js";

function marked(text: string, query: string): readonly string[] | null {
  return findWords(text, wordsOf(query))?.map(([start, stop]) => text.slice(start, stop)) ?? null;
}

test("accents, case and ligatures apart, words are found by their beginnings", () => {
  expect(marked("Lésion du cœur gauche", "lesion coeur")).toEqual(["Lésion", "cœur"]);
  expect(marked("Œdème, œdème", "oed")).toEqual(["Œd", "œd"]);
  expect(marked("ÉVOLUTION", "évol")).toEqual(["ÉVOL"]);
  expect(marked("talon", "alon")).toBeNull();
  expect(marked("plaie du talon", "plaie genou")).toBeNull();
  expect(marked("100mg 2x/j", "100 2x")).toEqual(["100", "2x"]);
  expect(wordsOf(" ’;! ")).toEqual([]);
  expect(marked("cœur", "co")).toEqual(["cœ"]);
  expect(foldText("aé🙂b").at).toEqual([0, 1, 2, 2, 4, 5]);
});

test("the newest come first, from everywhere or one conversation, with an excerpt", async () => {
  const platform = testPlatform();
  const store = await openStore(platform);
  const cids = ["a1", "b2"].map((byte) => byte.repeat(32));
  const long = `${"avant ".repeat(30)}la plaie du talon ${"après ".repeat(60)}`;
  const add = (cid: string, seq: number, text: string, depositedAtMs: number): boolean => {
    const ids = { cid, seq, mid: `${seq}`.padStart(32, "0"), uid: "cc".repeat(16), did: "dd".repeat(16) };
    return store.messages.add(
      { ...EMPTY, ...ids, sentAtMs: 1, depositedAtMs, text },
      { envelopeId: null, envHash: null },
    );
  };
  await store.transaction(() => {
    for (const cid of cids) store.conversations.add(cid, 1);
    add(cids[0] as string, 1, "La plaie", 10);
    add(cids[0] as string, 2, long, 30);
    add(cids[1] as string, 1, "plaies", 20);
  });
  const found = await search(platform, store, "PLAIE", null, 2);
  expect(found.map((one) => [one.cid, one.seq])).toEqual([
    [cids[0], 2],
    [cids[1], 1],
  ]);
  const [first] = found;
  expect(first?.excerpt.length).toBeLessThan(130);
  expect(first?.ranges.map(([start, stop]) => first.excerpt.slice(start, stop))).toEqual(["plaie"]);
  expect(await search(platform, store, "plaie", cids[1] as string, 9)).toHaveLength(1);
  expect(await search(platform, store, "  ", null, 9)).toEqual([]);
});

test("a document is found by its name, a photograph by its caption alone", async () => {
  const platform = testPlatform();
  const store = await openStore(platform);
  const cid = "a1".repeat(32);
  const none = new Uint8Array();
  const file = (mime: string, name: string) => ({
    ...{ blob: none, key: none, size: 1, hash: none, mime, name },
    ...{ width: null, height: null, thumbnail: null },
  });
  const add = (seq: number, text: string, one: ReturnType<typeof file>): boolean => {
    const ids = { cid, seq, mid: `${seq}`.padStart(32, "0"), uid: "cc".repeat(16), did: "dd".repeat(16) };
    return store.messages.add(
      { ...EMPTY, ...ids, sentAtMs: 1, depositedAtMs: seq, text, parts: [one] },
      { envelopeId: null, envHash: null },
    );
  };
  await store.transaction(() => {
    store.conversations.add(cid, 1);
    add(1, "", file("application/pdf", "Compte rendu de dermatologie.pdf"));
    add(2, "Voici le compte rendu", file("application/pdf", "Dermatologie.pdf"));
    add(3, "Ce matin", file("image/jpeg", "photo.jpg"));
  });
  const found = await search(platform, store, "compte dermato", null, 9);
  expect(found.map(({ seq, excerpt }) => [seq, excerpt])).toEqual([
    [2, "Voici le compte rendu · Dermatologie.pdf"],
    [1, "Compte rendu de dermatologie.pdf"],
  ]);
  expect(await search(platform, store, "photo", null, 9)).toEqual([]);
});
