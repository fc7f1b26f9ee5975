"""Asks the server, with each connection, what the person's establishments impose on this device."""

from collections.abc import Callable
from contextlib import suppress

from miss.client import Client
from miss.client.errors import ServerRefused, ServerUnreachable
from miss.client.events import EventStream, Synced


class Imposed:
    """The question, for one open account."""

    def __init__(self, client: Client, take: Callable[[int | None], None]) -> None:
        """`take`: told the longest delay before it locks, in minutes, whenever the server has said it."""
        self._client = client
        self._take = take

    async def run(self, stream: EventStream) -> None:
        """Until the client closes.  Without an answer what was said last holds."""
        async for event in stream:
            if isinstance(event, Synced):
                with suppress(ServerRefused, ServerUnreachable):
                    self._take(await self._client.ask_lock_limit())
