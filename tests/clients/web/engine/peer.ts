/**
 * The web client's engine in Node, driven line by line: {id, call, args} in, {id, result} or {id, error} out, and
 * {event} for everything it announces.  Bytes travel as {"$bytes": base64}.  For tests only.
 */

import { createInterface } from "node:readline";

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import type { Engine } from "../../../../clients/web/app/src/engine/api.js";
import { openEngine } from "../../../../clients/web/app/src/engine/client.js";
import { openEnrolment } from "../../../../clients/web/app/src/engine/enrolment/index.js";
import { globalPlatform } from "../../../../clients/web/app/src/engine/platform.js";
import { Accounts } from "../../../../clients/web/app/src/engine/store/keys.js";
import { Store } from "../../../../clients/web/app/src/engine/store/store.js";

let aheadMs = 0;
const platform = {
  ...globalPlatform(globalThis),
  indexedDB: new IDBFactory(),
  keyRange: IDBKeyRange,
  persist: async () => true,
  nowMs: () => Date.now() + aheadMs,
};
let store: Store | null = null;
let engine: Engine | null = null;

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? pack(value) : value))}\n`);
}

function pack(value: Uint8Array): object {
  return { $bytes: Buffer.from(value).toString("base64") };
}

function unpack(_: string, value: unknown): unknown {
  const isBytes = typeof value === "object" && value !== null && "$bytes" in value;
  return isBytes ? new Uint8Array(Buffer.from(String((value as { $bytes: string }).$bytes), "base64")) : value;
}

async function start(serverUrl?: string): Promise<void> {
  if (store === null) throw new Error("enrol first");
  engine = await openEngine({ platform, store, language: "fr", ...(serverUrl === undefined ? {} : { serverUrl }) });
  engine.subscribe((event) => say({ event }));
}

const OWN: Readonly<Record<string, (...args: never[]) => Promise<unknown>>> = {
  async enrol(serverUrl: string, rpps: string, code: string, fingerprint: string): Promise<unknown> {
    const accounts = await Accounts.open(platform);
    const { account, key } = await accounts.create("essai");
    store = await Store.open(platform, account.name, key);
    const enrolment = openEnrolment({ platform, store, serverUrl, language: "fr" });
    const uid = await enrolment.link(rpps, code, fingerprint, "Navigateur d'essai");
    await start();
    return uid;
  },
  /** Somebody sets the machine's clock, or it slept so long. */
  async setClock(to: number): Promise<void> {
    aheadMs = to;
  },
  /** The page is loaded again; `serverUrl`: another way to the server. */
  async reload(serverUrl?: string): Promise<unknown> {
    await engine?.close();
    store?.close();
    const accounts = await Accounts.open(platform);
    const account = (await accounts.list())[0];
    if (account === undefined) throw new Error("no account");
    store = await Store.open(platform, account.name, await accounts.unlock(account.name));
    await start(serverUrl);
    return account.name;
  },
};

/** Where it was thrown, and what caused it. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? String(error.stack) : `${error.stack}\ncaused by ${traceOf(error.cause)}`;
}

async function obey(call: string, args: readonly unknown[]): Promise<unknown> {
  const own = OWN[call];
  if (own !== undefined) return own(...(args as never[]));
  const method = engine?.[call as keyof Engine] as ((...given: readonly unknown[]) => Promise<unknown>) | undefined;
  if (method === undefined) throw new Error(`no such call: ${call}`);
  return method.apply(engine, [...args]);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, call, args } = JSON.parse(line, unpack) as { id: number; call: string; args: unknown[] };
  obey(call, args).then(
    (result) => say({ id, result: result ?? null }),
    (error: unknown) => say({ id, error: { code: (error as { code?: string }).code ?? "defect", stack: traceOf(error) } }),
  );
}
process.exit(0);
