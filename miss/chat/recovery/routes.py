"""The doors of the recovery key.  No rules here: each asks the room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.base.clock import to_ms
from miss.chat.http import Door, Pace, answer, caller, read_body
from miss.chat.vault.model import USER_KEY_BOX_BYTES
from miss.protocol.ids import Millis, Signature
from miss.protocol.limits import MAX_LINK_BYTES, MAX_WRAPS

if TYPE_CHECKING:
    from miss.chat.service import Chat

Short = Annotated[str, Meta(max_length=200)]


class WrapsSent(msgspec.Struct):
    """PUT recovery/wraps."""

    wraps: Annotated[list[Annotated[bytes, Meta(max_length=4096)]], Meta(max_length=MAX_WRAPS)]


class TestSent(msgspec.Struct):
    """POST recovery/tested."""

    sig: Signature
    ts: Millis


class OpeningAsked(msgspec.Struct):
    """POST recovery/open."""

    rpps: Short
    code: Short


class RecoveringAsked(msgspec.Struct):
    """POST recovery/devices."""

    rpps: Short
    code: Short
    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    box: Annotated[bytes, Meta(max_length=2 * USER_KEY_BOX_BYTES)]
    name: Short


class RecoveryDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("GET", "recovery", self.state),
            Door("PUT", "recovery/wraps", self.replace_wraps),
            Door("POST", "recovery/tested", self.note_tested),
            Door("POST", "recovery/open", self.open, Pace.IDENTITY),
            Door("POST", "recovery/devices", self.recover, Pace.IDENTITY),
        )

    async def state(self, request: Request) -> Response:
        """The caller’s recovery key: its wraps, its device, when it was last tried, in ms; empty if there is none."""
        by = await caller(request, self._chat.devices)
        key = await self._chat.recovery.find(by.uid)
        return answer(
            {
                "wraps": key.wraps if key else [],
                "paper_did": key.paper if key else None,
                "tested_at": to_ms(key.tested_at) if key and key.tested_at else None,
            }
        )

    async def replace_wraps(self, request: Request) -> Response:
        """The same key under other words.  Raises BadWrap, WrapTooCostly, RecoveryNone."""
        by = await caller(request, self._chat.devices)
        await self._chat.recovery.replace_wraps(by, (await read_body(request, WrapsSent)).wraps)
        return answer({})

    async def note_tested(self, request: Request) -> Response:
        """The key signed the time: it is at hand; when, in ms.  Raises RecoveryNone, RecoveryTestRefused."""
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, TestSent)
        return answer({"tested_at": to_ms(await self._chat.recovery.note_tested(by, sent.ts, sent.sig))})

    # Who has no token yet

    async def open(self, request: Request) -> Response:
        """The chain to follow, and what the recovery key opens.  Uses nothing up."""
        asked = await read_body(request, OpeningAsked)
        found = await self._chat.recovery.open(asked.rpps, asked.code)
        return answer(
            {
                "uid": found.uid,
                "root": found.root,
                "opcerts": found.opcerts,
                "links": found.links,
                "wraps": found.wraps,
                "generation": found.generation,
                "box": found.box,
                "server_ts": to_ms(self._chat.desk.clock.now()),
            }
        )

    async def recover(self, request: Request) -> Response:
        """Link a device that the recovery key vouches for; its link, countersigned.  Raises as `Recovery.recover`."""
        asked = await read_body(request, RecoveringAsked)
        link = await self._chat.recovery.recover(asked.rpps, asked.code, asked.link, asked.box, asked.name)
        return answer({"link": link})
