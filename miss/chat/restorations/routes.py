"""The doors of restores: open to all, since what passes is signed, and a device that was lost has no token.  §5"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.chat.http import Door, answer, query_number, read_body
from miss.protocol.limits import MAX_INTEGER, MAX_LINK_BYTES

if TYPE_CHECKING:
    from miss.chat.service import Chat

MAX_LINKS = 100
"""Links one request puts back."""


class LinksSent(msgspec.Struct):
    """POST restored-links."""

    links: Annotated[list[Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]], Meta(max_length=MAX_LINKS)]


class RestorationDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("GET", "restorations", self.list_),
            Door("POST", "restored-links", self.put_back),
        )

    async def list_(self, request: Request) -> Response:
        """The operator’s statements after an epoch, as signed."""
        after = query_number(request, "after", 0, 0, MAX_INTEGER)
        return answer({"restorations": await self._chat.restorations.list_after(after)})

    async def put_back(self, request: Request) -> Response:
        """Links that a restore lost, in the order of their chains; how many were missing."""
        sent = await read_body(request, LinksSent, MAX_LINKS * (MAX_LINK_BYTES + 8))
        return answer({"added": await self._chat.restorations.put_back(sent.links)})
