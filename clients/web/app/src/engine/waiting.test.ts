import { describe, expect, test } from "vitest";

import { EngineError } from "./api.js";
import { testPlatform } from "./testing/platform.js";
import { inSlices, live } from "./waiting.js";

describe("long work in slices", () => {
  test("gives everybody else a turn after each slice, and ends with its answer", async () => {
    let nowMs = 0;
    const turns: number[] = [];
    const platform = testPlatform({ monotonicMs: () => nowMs, pause: async () => void turns.push(nowMs) });
    function* work(): Generator<void, string, void> {
      for (let step = 0; step < 10; step += 1) {
        nowMs += 5;
        yield;
      }
      return "done";
    }
    expect(await inSlices(platform, work())).toBe("done");
    expect(turns).toEqual([20, 40]);
  });

  test("a pause of the machine's own lets a timer in that was due", async () => {
    const { pause } = testPlatform();
    let isIn = false;
    setTimeout(() => (isIn = true), 0);
    for (let turn = 0; turn < 10_000 && !isIn; turn += 1) await pause();
    expect(isIn).toBe(true);
  });
});

test("a task whose device is wiped under its hands is over", async () => {
  let begun = 0;
  const wiped = async (): Promise<void> => {
    begun += 1;
    throw new EngineError("store_wiped");
  };
  await live(wiped, testPlatform({ later: () => expect.unreachable("it would begin anew") }), new AbortController().signal);
  expect(begun).toBe(1);
});
