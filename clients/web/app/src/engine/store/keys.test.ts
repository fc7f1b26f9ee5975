import { expect, test } from "vitest";

import { testPlatform } from "../testing/platform.js";
import { Accounts } from "./keys.js";

test("an account opens by itself until it has a lock, and then by nothing else", async () => {
  let now = 1_000_000;
  const platform = testPlatform({ nowMs: () => now });
  const accounts = await Accounts.open(platform);
  const { account, key } = await accounts.create("Anne");
  expect(await accounts.unlock(account.name)).toEqual(key);

  await accounts.setPin(account.name, key, "4719");
  const prf = new Uint8Array(32).fill(3);
  const passkey = { credentialId: new Uint8Array([1, 2]), prfSalt: new Uint8Array(32), prf };
  await accounts.setPasskey(account.name, key, passkey);
  expect((await accounts.list())[0]).toMatchObject({ label: "Anne", locks: ["pin", "passkey"] });
  await expect(accounts.unlock(account.name)).rejects.toMatchObject({ code: "account_locked" });
  expect(await accounts.unlockWithPin(account.name, "4719")).toEqual(key);
  expect(await accounts.unlockWithPasskey(account.name, prf)).toEqual(key);
  await expect(accounts.unlockWithPasskey(account.name, key)).rejects.toMatchObject({ code: "wrong_passkey" });

  for (const left of [4, 3, 2, 1, 0]) {
    const waitMs = left === 0 ? 30_000 : 0;
    await expect(accounts.unlockWithPin(account.name, "0000")).rejects.toMatchObject({
      code: "wrong_pin",
      params: { left, waitMs },
    });
  }
  // Not even the right one is looked at before the time; a new page remembers.
  const again = await Accounts.open(platform);
  now += 10_000;
  await expect(again.unlockWithPin(account.name, "4719")).rejects.toMatchObject({ params: { waitMs: 20_000 } });
  now += 20_000;
  expect(await again.unlockWithPin(account.name, "4719")).toEqual(key);

  await accounts.removeLock(account.name, key, "passkey");
  await accounts.removeLock(account.name, key, "pin");
  expect(await accounts.unlock(account.name)).toEqual(key);
  await accounts.remove(account.name);
  await expect(accounts.unlock(account.name)).rejects.toMatchObject({ code: "account_unknown" });
}, 60_000);
