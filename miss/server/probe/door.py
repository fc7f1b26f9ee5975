"""What a device's token opens over HTTP, for the steps that services try."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Final

import httpx

from miss.base.ids import PractitionerId
from miss.server.probe.errors import DoorRefused, DoorUnreachable

TIMEOUT_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Door:
    """One of the two people at the HTTP interfaces; anonymous without a token."""

    http: httpx.AsyncClient
    person: PractitionerId | None = None

    async def get(self, path: str) -> Any:
        """A JSON document.  Raises DoorUnreachable, DoorRefused."""
        return await self.ask("GET", path)

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A JSON document in answer to another one.  Raises DoorUnreachable, DoorRefused."""
        try:
            answer = await self.http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise DoorUnreachable(path=path, reason=type(error).__name__) from None
        if not answer.is_success:
            raise DoorRefused(path=path, status=answer.status_code)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise DoorUnreachable(path=path, reason="unreadable answer") from None


@asynccontextmanager
async def open_door(
    server_url: str, trust: SSLContext | None, token: str = "", person: PractitionerId | None = None
) -> AsyncIterator[Door]:
    """`trust`: whom to believe that the server is the server; None: the authorities that `httpx` comes with."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    verify: SSLContext | bool = trust or True
    async with httpx.AsyncClient(base_url=server_url, timeout=TIMEOUT_S, headers=headers, verify=verify) as http:
        yield Door(http, person)
