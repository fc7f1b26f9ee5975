"""A bot: answers `!garde` with who is on duty, quoting the question.

    python -m miss.client.examples.bot FOLDER --on-duty "Dr Claire TÉMOIN, 01 99 00 12 34"

Whoever has the command answered was verified as a practitioner before a word of theirs was opened; a message whose
signature does not hold never gets here.  What is asked while the bot is away is answered when it is back, once.
"""

import argparse
import asyncio
from pathlib import Path

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Message, Store, key_from_file
from miss.client.events import EventStream, MessageReceived
from miss.client.model import TEXT

COMMAND = "!garde"


async def answer_all(client: Client, on_duty: str) -> None:
    """Answer until the client closes."""
    events = client.events()  # first, so that nothing falls between the two
    async with asyncio.timeout(60):
        await client.wait_synced()
    for conversation in client.conversations():
        for message in client.messages(conversation.cid, after_seq=conversation.read_seq):
            answer(client, message, on_duty)
    await answer_events(client, events, on_duty)


async def answer_events(client: Client, events: EventStream, on_duty: str) -> None:
    """Answer what arrives from now on."""
    async for event in events:
        if isinstance(event, MessageReceived):
            answer(client, client.message(event.message.cid, event.message.seq), on_duty)


def answer(client: Client, message: Message, on_duty: str) -> None:
    """Answer one message, if it asks; having read it, this device never looks at it again."""
    if message.seq <= client.conversation(message.cid).read_seq:
        return
    asks = message.type == TEXT and not message.is_mine and message.text.strip().lower() == COMMAND
    if asks and client.conversation(message.cid).is_member:
        client.send_text(message.cid, f"De garde : {on_duty}", reply=message.mid)
    client.mark_read(message.cid, message.seq)


async def main(folder: Path, on_duty: str, server_url: str | None = None) -> None:
    """Run until stopped."""
    key = key_from_file(folder / "chat.key", system_random)
    with Store(folder / "chat.db", key, system_random) as store:
        async with Client.open(store, clock=SystemClock(), random_bytes=system_random, server_url=server_url) as client:
            await answer_all(client, on_duty)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Répond à !garde.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--on-duty", required=True)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.folder, arguments.on_duty))
