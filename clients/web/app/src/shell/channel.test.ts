import { afterEach, describe, expect, test } from "vitest";

import { EngineError } from "../engine/api.js";
import type { Engine, EngineEvent } from "../engine/api.js";
import { followEngine, serveEngine } from "./channel.js";

const open: BroadcastChannel[] = [];
let rooms = 0;

/** The ends of one channel in two tabs. */
function ends(): [BroadcastChannel, BroadcastChannel] {
  rooms += 1;
  const pair: [BroadcastChannel, BroadcastChannel] = [new BroadcastChannel(`t${rooms}`), new BroadcastChannel(`t${rooms}`)];
  open.push(...pair);
  return pair;
}

/** An engine that knows two calls. */
function engine(): { engine: Engine; announce: (event: EngineEvent) => void } {
  const listeners = new Set<(event: EngineEvent) => void>();
  const known = {
    subscribe: (listener: (event: EngineEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    sendText: (cid: string, text: string) => Promise.resolve(`${cid}:${text}`),
    markRead: () => Promise.reject(new EngineError("not_a_member", { cid: "c1" })),
    close: () => Promise.reject(new Error("closed by another tab")),
    keys: () => Promise.resolve("secret"),
  };
  return { engine: known as unknown as Engine, announce: (event) => listeners.forEach((listener) => listener(event)) };
}

afterEach(() => {
  for (const channel of open.splice(0)) channel.close();
});

describe("the engine of another tab", () => {
  test("answers, refuses and announces as its own would", async () => {
    const [here, there] = ends();
    const { engine: leading, announce } = engine();
    serveEngine(here, leading);
    const states: boolean[] = [];
    const following = followEngine(there, (isOpen) => states.push(isOpen));
    expect(await following.sendText("c1", "bonjour")).toBe("c1:bonjour");
    await expect(following.markRead("c1", 3)).rejects.toMatchObject({ code: "not_a_member", params: { cid: "c1" } });
    const heard = new Promise<EngineEvent>((resolve) => following.subscribe(resolve));
    announce({ kind: "synced" });
    expect(await heard).toEqual({ kind: "synced" });
    expect(states).toContain(true);
  });

  test("lends nothing but the calls of the contract", async () => {
    const [here, there] = ends();
    serveEngine(here, engine().engine);
    const following = followEngine(there, () => undefined) as unknown as Record<string, unknown>;
    expect(following["keys"]).toBeUndefined();
    expect(following["then"]).toBeUndefined();
    const refused = new Promise((resolve) => {
      there.addEventListener("message", (message: MessageEvent) => {
        if ((message.data as { kind: string }).kind === "refusal") resolve(message.data);
      });
    });
    there.postMessage({ kind: "call", from: "x", id: 1, name: "keys", args: [] });
    expect(await refused).toMatchObject({ code: "bad_call" });
  });

  test("a call is not left waiting when the leading tab shuts", async () => {
    const [here, there] = ends();
    const { engine: leading } = engine();
    const stuck = { ...leading, devices: () => new Promise<never>(() => undefined) } as Engine;
    const stop = serveEngine(here, stuck);
    let told: () => void = () => undefined;
    const shut = new Promise<void>((resolve) => {
      told = resolve;
    });
    const following = followEngine(there, (isOpen) => {
      if (!isOpen) told();
    });
    const asked = following.devices();
    const outcome = asked.catch((error: EngineError) => error.code);
    expect(await following.sendText("c1", "a")).toBe("c1:a");
    stop();
    await shut;
    expect(await outcome).toBe("tab_gone");
  });
});
