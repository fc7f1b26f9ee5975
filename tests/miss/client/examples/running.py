"""A folder as the examples want it: the store of a linked device and its key."""

import asyncio
from pathlib import Path

from miss.base.random import system_random
from miss.client import Store, key_from_file
from tests.miss.client.chat_server import ChatServer


async def linked_folder(server: ChatServer, path: Path, rpps: str) -> Path:
    """A device of this person in `path`."""
    await asyncio.to_thread(path.mkdir)
    with Store(path / "chat.db", key_from_file(path / "chat.key", system_random), system_random) as store:
        await server.link(store, rpps)
    return path
