/** A server that says it was restored: believed on ROOT's word, told to the owner, never taken back unseen. */

import { parseRestoration } from "@miss/core/restorations.js";
import { SigningKey } from "@miss/core/primitives.js";
import { beforeEach, expect, test } from "vitest";

import { Announcer } from "../announcer.js";
import type { EngineEvent } from "../api.js";
import { HttpExchange } from "../http.js";
import type { Ready } from "../frames.js";
import { hex } from "../ids.js";
import { isLie } from "../incidents.js";
import { ServerApi } from "../serverApi.js";
import { ServerTime } from "../serverTime.js";
import type { Store } from "../store/store.js";
import { openStore, testPlatform } from "../testing/platform.js";
import { HttpAnswers } from "../testing/server.js";
import { BOB, draw, linkStore, nextCommit, restoration, ROOT_PUBLIC, T0, ALICE } from "../testing/world.js";
import { RestorationNotices } from "./notices.js";

const NOTHING = new Uint8Array();
const FIRST = restoration(1, NOTHING, T0 - 1000);
const HASH = parseRestoration(FIRST).hash;
/** Two minutes for clocks. */
const SINCE = T0 - 1000 - 120_000;
const SECOND = restoration(2, HASH, T0 - 500);

let store: Store;
let http: HttpAnswers;
let news: EngineEvent[];
let notices: RestorationNotices;

function ready(storeEpoch: number, head: Uint8Array): Ready {
  const rest = { resumed: false, serverTs: T0, linkHead: "", httpToken: "t" };
  return { kind: "ready", ...rest, storeEpoch, storeHead: hex(head) };
}

function shows(...statements: readonly Uint8Array[]): void {
  http.answers.set("/api/chat/restorations", { restorations: [...statements] });
}

async function refusal(...said: Parameters<typeof ready>): Promise<string> {
  const error: unknown = await notices.take(ready(...said)).catch((reason: unknown) => reason);
  expect(isLie(error)).toBe(true);
  return (error as { code: string }).code;
}

beforeEach(async () => {
  http = new HttpAnswers();
  news = [];
  const platform = testPlatform({ fetch: http.fetch, nowMs: () => T0 });
  store = await openStore(platform);
  await linkStore(store, BOB);
  const [announcer, time] = [new Announcer(), new ServerTime(platform)];
  announcer.subscribe((event) => news.push(event));
  const device = store.device.get();
  const api = new ServerApi(new HttpExchange(platform, device.serverUrl, "fr"), device, "chat.example", time);
  notices = new RestorationNotices(store, ROOT_PUBLIC, api, time, announcer);
});

async function haveConversation(): Promise<string> {
  const cid = hex(nextCommit(null, [ALICE, BOB]).commit.core.cid);
  await store.transaction(() => void store.conversations.add(cid, 0));
  return cid;
}

test("a statement that holds is pinned, and the owner is told once", async () => {
  const cid = await haveConversation();
  shows(FIRST);
  expect(await notices.take(ready(1, HASH))).toBe(SINCE);
  expect(await notices.take(ready(1, HASH))).toBeNull();
  expect(store.restorations.since(cid)).toBe(SINCE);
  expect(news).toEqual([{ kind: "serverRestored", number: 1 }]);
  expect(store.incidents.list().map(({ code }) => code)).toEqual(["server_restored"]);
  shows(SECOND);
  await notices.take(ready(2, parseRestoration(SECOND).hash));
  expect(store.restorations.list().map(({ epoch }) => epoch)).toEqual([1, 2]);
});

test("who has nothing yet is not alarmed", async () => {
  shows(FIRST);
  await notices.take(ready(1, HASH));
  expect(news).toEqual([]);
  expect(store.restorations.unreconciled()).toEqual([]);
  expect(store.restorations.list()).toHaveLength(1);
});

test("none is taken back, replaced, forged or left out", async () => {
  shows(FIRST);
  await notices.take(ready(1, HASH));
  expect(await refusal(0, NOTHING)).toBe("restoration_withdrawn");
  expect(await refusal(1, draw(32))).toBe("restoration_forked");
  shows(SECOND);
  expect(await refusal(2, draw(32))).toBe("restoration_forked");
  shows(restoration(3, HASH, T0));
  expect(await refusal(3, draw(32))).toBe("restoration_out_of_order");
  shows(restoration(2, HASH, T0, new SigningKey(draw(32))));
  expect(await refusal(2, draw(32))).toBe("restoration_forged");
  expect(store.restorations.list()).toHaveLength(1);
});
