"""The doors of pairing slots.  No rules here: each asks the room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.base.clock import to_ms
from miss.chat.http import Door, Pace, answer, caller, path_bytes, query_number, read_body
from miss.chat.pairing.model import MAX_OFFER_BYTES, SLOT_BYTES
from miss.chat.vault.model import USER_KEY_BOX_BYTES
from miss.protocol.limits import MAX_LINK_BYTES, MAX_PAIRING_BYTES

if TYPE_CHECKING:
    from miss.chat.service import Chat

MAX_WAIT_S = 20
"""Proxies cut what stays silent for half a minute."""


class SlotSent(msgspec.Struct):
    """POST pairing."""

    slot: Annotated[bytes, Meta(min_length=SLOT_BYTES, max_length=SLOT_BYTES)]


class OfferSent(msgspec.Struct):
    """PUT pairing/{slot}/offer."""

    offer: Annotated[bytes, Meta(min_length=1, max_length=MAX_OFFER_BYTES)]


class AnswerSent(msgspec.Struct):
    """PUT pairing/{slot}/answer."""

    answer: Annotated[bytes, Meta(min_length=1, max_length=MAX_PAIRING_BYTES)]


class EnteringAsked(msgspec.Struct):
    """POST pairing/{slot}/device."""

    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    box: Annotated[bytes, Meta(max_length=2 * USER_KEY_BOX_BYTES)]
    name: Annotated[str, Meta(max_length=200)]


class PairingDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("POST", "pairing", self.open),
            Door("DELETE", "pairing/{slot}", self.cancel),
            Door("PUT", "pairing/{slot}/offer", self.offer, Pace.IDENTITY),
            Door("GET", "pairing/{slot}/offer", self.wait_offer),
            Door("PUT", "pairing/{slot}/answer", self.answer),
            Door("GET", "pairing/{slot}/answer", self.wait_answer),
            Door("POST", "pairing/{slot}/device", self.enter, Pace.IDENTITY),
        )

    # The device that is there

    async def open(self, request: Request) -> Response:
        """Open a slot under a number of one’s choice; until when, in ms.  Raises PairingTaken, PairingTooMany."""
        by = await caller(request, self._chat.devices)
        slot = await self._chat.pairing.open(by, (await read_body(request, SlotSent)).slot)
        return answer({"expires_at": to_ms(slot.expires_at)})

    async def cancel(self, request: Request) -> Response:
        """Close the slot.  Raises PairingUnknown."""
        by = await caller(request, self._chat.devices)
        await self._chat.pairing.cancel(by, _slot(request))
        return answer({})

    async def wait_offer(self, request: Request) -> Response:
        """The new device’s offer; None if none came in the time asked for.  Raises PairingUnknown."""
        by = await caller(request, self._chat.devices)
        return answer({"offer": await self._chat.pairing.wait_offer(by, _slot(request), _wait_s(request))})

    async def answer(self, request: Request) -> Response:
        """Leave the answer to the offer, once.  Raises PairingUnknown, PairingNoOffer, PairingTaken."""
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, AnswerSent, MAX_PAIRING_BYTES + 64)
        await self._chat.pairing.answer(by, _slot(request), sent.answer)
        return answer({})

    # The device that comes

    async def offer(self, request: Request) -> Response:
        """Leave the offer, once; no token: the slot’s number is the secret.  Raises PairingUnknown, PairingTaken."""
        slot = _slot(request)
        await self._chat.pairing.require_open(slot)
        await self._chat.pairing.offer(slot, (await read_body(request, OfferSent)).offer)
        return answer({})

    async def wait_answer(self, request: Request) -> Response:
        """The answer to the offer; None if none came in the time asked for.  Raises PairingUnknown."""
        return answer({"answer": await self._chat.pairing.wait_answer(_slot(request), _wait_s(request))})

    async def enter(self, request: Request) -> Response:
        """Link the new device by the answered slot; its link, countersigned.  Raises as `Pairing.enter`."""
        slot = _slot(request)
        await self._chat.pairing.require_open(slot)
        asked = await read_body(request, EnteringAsked)
        return answer({"link": await self._chat.pairing.enter(slot, asked.link, asked.box, asked.name)})


def _slot(request: Request) -> bytes:
    return path_bytes(request, "slot", SLOT_BYTES)


def _wait_s(request: Request) -> int:
    return query_number(request, "wait_s", 0, 0, MAX_WAIT_S)
