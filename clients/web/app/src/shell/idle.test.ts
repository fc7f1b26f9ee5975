import { expect, test } from "vitest";

import { IdleWatch } from "./idle.js";

function watch(limitMs: number | null): { idle: IdleWatch; at: (ms: number) => void; count: () => number } {
  let now = 1_000_000;
  let times = 0;
  const idle = new IdleWatch(
    () => limitMs,
    () => now,
    () => {
      times += 1;
    },
  );
  return { idle, at: (ms) => void (now = 1_000_000 + ms), count: () => times };
}

test("locks once, when the time is over", () => {
  const { idle, at, count } = watch(60_000);
  at(59_999);
  idle.look();
  expect(count()).toBe(0);
  at(60_000);
  idle.look();
  idle.look();
  expect(count()).toBe(1);
});

test("somebody who moves keeps it open; who comes back late does not", () => {
  const { idle, at, count } = watch(60_000);
  at(50_000);
  idle.alive();
  at(100_000);
  idle.look();
  expect(count()).toBe(0);
  at(8 * 3_600_000);
  idle.alive();
  expect(count()).toBe(1);
});

test("a clock that is set back counts from there", () => {
  const { idle, at, count } = watch(60_000);
  at(-3_600_000);
  idle.look();
  at(-3_600_000 + 60_000);
  idle.look();
  expect(count()).toBe(1);
});

test("never, where that was chosen", () => {
  const { idle, at, count } = watch(null);
  at(1e9);
  idle.look();
  expect(count()).toBe(0);
});
