"""Says when the lists of requests for advice are to be read again: as soon as the server tells, else every minute.

The server's events carry a number and a version, never what a request says (`/api/teleexpertise/v1/events`, HTML
§9.2); whatever is missed between two streams is found by the reading with which each one begins.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ssl import SSLContext
from typing import Final

import httpx

from miss.base.errors import MissError

PATH: Final = "/api/teleexpertise/v1/events"
POLL_S: Final = 60.0
"""Between two readings where the server tells nothing."""
AGAIN_S: Final = 1.0
"""Before the next stream, once one has ended: the server ends each after some minutes."""
GATHER_S: Final = 0.3
"""What moves together is read once."""
SILENCE_S: Final = 50.0
"""A stream that says nothing for so long is lost: the server's heart beats every fifteen seconds."""


class Following:
    """Follows one account's requests."""

    def __init__(
        self,
        server_url: str,
        token: Callable[[bool], Awaitable[str]],
        verify: SSLContext,
        read: Callable[[], Awaitable[None]],
    ) -> None:
        """`token(renew)`: as this device signs in; `read`: reads both lists, and raises nothing."""
        self._server_url = server_url
        self._token = token
        self._verify = verify
        self._read = read
        self._due = asyncio.Event()
        self._was_refused = False

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read_when_due())
            tasks.create_task(self._follow())

    async def _read_when_due(self) -> None:
        while True:
            await self._due.wait()
            await asyncio.sleep(GATHER_S)
            self._due.clear()
            await self._read()

    async def _follow(self) -> None:
        while True:
            self._due.set()
            was_told = False
            with suppress(httpx.TransportError, MissError):  # no network: the lists are read all the same
                was_told = await self._listen()
            await asyncio.sleep(AGAIN_S if was_told else POLL_S)

    async def _listen(self) -> bool:
        """One stream, to its end; False if the server gives none."""
        token = await self._token(self._was_refused)
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
        timeout = httpx.Timeout(20.0, read=SILENCE_S)
        async with (
            httpx.AsyncClient(base_url=self._server_url, timeout=timeout, verify=self._verify) as http,
            http.stream("GET", PATH, headers=headers) as answer,
        ):
            self._was_refused = answer.status_code == httpx.codes.UNAUTHORIZED
            if not answer.is_success:
                return False
            async for line in answer.aiter_lines():
                if line == "event: moved":
                    self._due.set()
        return True
