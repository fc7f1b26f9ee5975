"""The doors of a device's own subscription."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.chat.http import Door, answer, caller, read_body
from miss.chat.push.model import MAX_MUTED
from miss.outbound.addresses import MAX_ADDRESS_CHARS
from miss.protocol.ids import Cid

if TYPE_CHECKING:
    from miss.chat.service import Chat

Point = Annotated[bytes, Meta(min_length=65, max_length=65)]


class SubscriptionSent(msgspec.Struct):
    """PUT push: what the browser's PushSubscription holds, and the key it was made with."""

    endpoint: Annotated[str, Meta(max_length=MAX_ADDRESS_CHARS)]
    p256dh: Point
    auth: Annotated[bytes, Meta(min_length=16, max_length=16)]
    key: Point
    muted: Annotated[list[Cid], Meta(max_length=MAX_MUTED)] = msgspec.field(default_factory=list)
    """Conversations that are not to wake this device, alarms apart."""


class PushDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("GET", "push", self.state),
            Door("PUT", "push", self.register),
            Door("DELETE", "push", self.remove),
            Door("POST", "push/test", self.test),
        )

    async def state(self, request: Request) -> Response:
        """The key to subscribe with (nil: this server sends nothing), and a hash of what is registered."""
        state = await self._chat.push.get_state(await caller(request, self._chat.devices))
        return answer({"key": state.key, "endpoint_hash": state.endpoint_hash})

    async def register(self, request: Request) -> Response:
        """Wake the calling device there.  Raises as `Push.register`."""
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, SubscriptionSent)
        await self._chat.push.register(by, sent.endpoint, sent.p256dh, sent.auth, sent.key, sent.muted)
        return answer({})

    async def remove(self, request: Request) -> Response:
        """Wake the calling device no more."""
        await self._chat.push.remove(await caller(request, self._chat.devices))
        return answer({})

    async def test(self, request: Request) -> Response:
        """Wake the calling device now; what its push service says.  Raises as `Push.test`."""
        outcome = await self._chat.push.test(await caller(request, self._chat.devices))
        return answer({"outcome": outcome.value})
