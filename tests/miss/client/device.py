"""A client in a process of its own, for tests that kill it: one JSON command a line, one JSON answer a line.

python -m tests.miss.client.device STORE URL
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from miss.base.clock import SystemClock
from miss.base.ids import ConversationId
from miss.base.random import system_random
from miss.client import Client, Store
from tests.miss.client.devices import KEY, texts

REPORT = b"%PDF-1.7\n" + random.Random(7).randbytes(3_000_000) + b"\n%%EOF\n"


async def obey(client: Client, command: dict[str, Any]) -> object:
    cid = ConversationId(bytes.fromhex(command["cid"]))
    match command["do"]:
        case "send":
            mid = client.send_text(cid, command["text"])
            return await client.wait_sent(mid) if command.get("wait") else mid.hex()
        case "send_file":
            return (await client.send_file(cid, REPORT, command["name"])).hex()
        case "texts":
            return texts(client, cid)
        case "outgoing":
            return [waiting.text for waiting in client.outgoing(cid)]
        case unknown:
            raise ValueError(unknown)


async def main(path: Path, url: str) -> None:
    store = Store(path, KEY, system_random)
    async with Client.open(store, clock=SystemClock(), random_bytes=system_random, server_url=url) as client:
        await client.wait_synced()
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await obey(client, json.loads(line))), flush=True)
    store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
