import { expect, test } from "vitest";

import { isLookedAt, tellLooking } from "./looking.js";

/** A tab whose place on the screen is chosen. */
function tab(): { page: Window; show: (state: "visible" | "hidden", focused: boolean) => void } {
  const state = { visibilityState: "hidden", focused: false };
  const document = Object.assign(new EventTarget(), { hasFocus: () => state.focused });
  Object.defineProperty(document, "visibilityState", { get: () => state.visibilityState });
  const page = Object.assign(new EventTarget(), { document });
  return {
    page: page as unknown as Window,
    show: (visibilityState, focused) => {
      Object.assign(state, { visibilityState, focused });
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

/** Locks as the specification has them, for shared ones: each is held until its promise ends. */
function lockManager(): Pick<LockManager, "request" | "query"> {
  const held: { name: string }[] = [];
  const request = async (name: string, _options: LockOptions, callback: LockGrantedCallback<unknown>): Promise<unknown> => {
    const lock = { name };
    held.push(lock);
    try {
      return await callback(null);
    } finally {
      held.splice(held.indexOf(lock), 1);
    }
  };
  return { request: request as LockManager["request"], query: async () => ({ held: [...held] }) };
}

test("one tab in front is enough, and none when each has gone", async () => {
  const locks = lockManager();
  const [leader, other] = [tab(), tab()];
  for (const one of [leader, other]) tellLooking(one.page, locks);
  expect(await isLookedAt(locks)).toBe(false);
  other.show("visible", true);
  expect(await isLookedAt(locks)).toBe(true);
  leader.show("visible", true);
  other.show("hidden", false);
  await Promise.resolve();
  expect(await isLookedAt(locks)).toBe(true);
  leader.show("visible", false);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(await isLookedAt(locks), "in sight, behind another window").toBe(false);
});
