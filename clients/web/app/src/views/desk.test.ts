import { expect, test } from "vitest";
import type { Engine } from "../engine/api.js";
import { LONG, NOW, WOUND, seeds, told } from "../gallery/data.js";
import { GalleryEngine, asEngine } from "../gallery/engine.js";
import { CLAIRE } from "../gallery/people.js";
import { Desk } from "./desk.js";

async function started(long = 3000): Promise<{ gallery: GalleryEngine; engine: Engine; desk: Desk }> {
  const gallery = new GalleryEngine({ seeds: seeds(long) });
  const engine = asEngine(gallery);
  const desk = new Desk(engine, () => NOW);
  await desk.start();
  return { gallery, engine, desk };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("it listens before it reads, and shows what came in between", async () => {
  const gallery = new GalleryEngine({ seeds: seeds(5) });
  const desk = new Desk(asEngine(gallery), () => NOW);
  const starting = desk.start();
  gallery.receive(told(WOUND, 10, { of: CLAIRE, at: NOW, text: "entre-temps" }));
  await starting;
  await settled();
  expect(desk.state.conversations.get(WOUND)?.last?.text).toBe("entre-temps");
  expect(desk.state.synced).toBe(true);
});

test("a conversation opens at its end, with the separator where reading stopped", async () => {
  const { desk } = await started();
  await desk.open(WOUND);
  const thread = desk.state.threads.get(WOUND);
  expect(thread?.openedAtSeq).toBe(7);
  expect(thread?.messages.at(-1)?.seq).toBe(9);
  expect(thread?.reachesStart).toBe(true);
});

test("older pages come one at a time until the start", async () => {
  const { desk, gallery } = await started(700);
  await desk.open(LONG);
  await Promise.all([desk.older(LONG), desk.older(LONG)]);
  expect(desk.state.threads.get(LONG)?.messages).toHaveLength(260);
  expect(gallery.calls.filter((call) => call.startsWith("messages"))).toHaveLength(2);
  for (let i = 0; i < 4; i += 1) await desk.older(LONG);
  expect(desk.state.threads.get(LONG)?.messages[0]?.seq).toBe(1);
  expect(desk.state.threads.get(LONG)?.reachesStart).toBe(true);
});

test("a place far back is reached without a hole; one that is nowhere is said", async () => {
  const { desk } = await started();
  await desk.open(LONG);
  expect(await desk.reach(LONG, 17)).toBe(true);
  const seqs = desk.state.threads.get(LONG)?.messages.map((message) => message.seq) ?? [];
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => (seqs[0] ?? 0) + index));
  expect(await desk.reach(LONG, 99_999)).toBe(false);
});

test("the first unread message is found as far back as it is, and none where all was read", async () => {
  const { desk } = await started();
  await desk.open(WOUND);
  expect(await desk.firstUnread(WOUND)).toBe(8);
  desk.settle(WOUND);
  expect(await desk.firstUnread(WOUND)).toBeNull();

  const { desk: away } = await started();
  const conversation = away.state.conversations.get(LONG);
  if (!conversation) throw new Error("the scene has it");
  away.state = { ...away.state, conversations: new Map([...away.state.conversations, [LONG, { ...conversation, readSeq: 40, unread: 2960 }]]) };
  await away.open(LONG);
  expect(away.state.threads.get(LONG)?.messages[0]?.seq, "not loaded yet").toBeGreaterThan(100);
  const seq = (await away.firstUnread(LONG)) ?? 0;
  const messages = away.state.threads.get(LONG)?.messages ?? [];
  expect(seq).toBe(messages.find((message) => message.seq > 40 && !message.isMine)?.seq);
  expect(messages[0]?.seq).toBeLessThanOrEqual(41);
});

test("what is written shows, what is read is told once", async () => {
  const { desk, gallery } = await started();
  await desk.open(WOUND);
  await desk.write(WOUND, (engine) => engine.sendText(WOUND, "Merci."));
  await settled();
  expect(desk.state.threads.get(WOUND)?.messages.at(-1)?.text).toBe("Merci.");
  await desk.markRead(WOUND, 9);
  await settled();
  await desk.markRead(WOUND, 8);
  expect(gallery.calls.filter((call) => call.startsWith("markRead"))).toEqual(["markRead 9"]);
  expect(desk.state.conversations.get(WOUND)?.unread).toBe(0);
});

test("a draft is there for whoever comes back at once", async () => {
  const { desk, gallery } = await started();
  const draft = { text: "Je rapp", reply: null, mentions: [], urgent: false };
  const saving = desk.saveDraft(WOUND, draft);
  expect(desk.state.conversations.get(WOUND)?.draft).toEqual(draft);
  await saving;
  await settled();
  expect((await gallery.conversation(WOUND)).draft).toEqual(draft);
  void desk.saveDraft(WOUND, { ...draft, text: "" });
  expect(desk.state.conversations.get(WOUND)?.draft).toBeNull();
});

test("refusals are told and answer undefined", async () => {
  const { desk } = await started();
  const troubles: unknown[] = [];
  desk.onTrouble = (error) => troubles.push(error);
  expect(await desk.act((engine) => engine.message(WOUND, 404))).toBeUndefined();
  expect(troubles).toMatchObject([{ code: "message_not_here" }]);
});

test("after it stopped nothing changes it", async () => {
  const { desk, gallery } = await started();
  desk.stop();
  const { state } = desk;
  gallery.receive(told(WOUND, 10, { of: CLAIRE, at: NOW, text: "trop tard" }));
  await settled();
  expect(desk.state).toBe(state);
});
