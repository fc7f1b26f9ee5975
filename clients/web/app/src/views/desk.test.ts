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
