"""The doors of user keys and the vault.  No rules here: each asks the room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import ConversationId
from miss.chat.errors import BadRequest
from miss.chat.http import Door, answer, caller, query_number, read_body
from miss.chat.vault.model import USER_KEY_BOX_BYTES, Entry, Place
from miss.chat.vault.service import MAX_ENTRIES
from miss.protocol.crypto.links import Op, parse_link
from miss.protocol.ids import Cid, Did, Ordinal
from miss.protocol.limits import MAX_DEVICES, MAX_LINK_BYTES, MAX_ROTATION_BYTES, MAX_WRAPS

if TYPE_CHECKING:
    from miss.chat.service import Chat

Box = tuple[Did, Annotated[bytes, Meta(max_length=2 * USER_KEY_BOX_BYTES)]]
Sealed = Annotated[bytes, Meta(max_length=256)]
Wrap = Annotated[bytes, Meta(max_length=4096)]


class LinkSent(msgspec.Struct):
    """POST links."""

    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    boxes: Annotated[list[Box], Meta(max_length=MAX_DEVICES + 1)] = []
    vault: list[tuple[Cid, Ordinal, Sealed]] = []
    wraps: Annotated[list[Wrap], Meta(max_length=MAX_WRAPS)] = []
    name: Annotated[str, Meta(max_length=200)] = ""


class VaultDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("POST", "links", self.append_link),
            Door("GET", "user-key", self.user_key),
            Door("GET", "vault", self.read),
        )

    async def append_link(self, request: Request) -> Response:
        """What a linked device may append: a rotation, or the recovery key as a new device."""
        by = await caller(request, self._chat.devices)
        sent = await read_body(request, LinkSent, MAX_ROTATION_BYTES)
        if parse_link(sent.link).core.op is Op.ADD:
            link = await self._chat.recovery.enrol(by, sent.link, sent.boxes, sent.wraps, sent.name)
        else:
            entries = [Entry(*entry) for entry in sent.vault]
            link = await self._chat.vault.rotate(by, sent.link, sent.boxes, entries)
        return answer({"link": link})

    async def user_key(self, request: Request) -> Response:
        """The caller’s user key, sealed to this device, and its generation."""
        by = await caller(request, self._chat.devices)
        generation, box = await self._chat.vault.find_user_key(by)
        return answer({"generation": generation, "box": box})

    async def read(self, request: Request) -> Response:
        """A page of the epoch keys kept for the caller, after a place; sealed under the user key."""
        by = await caller(request, self._chat.devices)
        limit = query_number(request, "limit", MAX_ENTRIES, 1, MAX_ENTRIES)
        page = await self._chat.vault.read(by.uid, _place(request.query_params.get("after", "")), limit)
        entries = [(entry.cid, entry.epoch, entry.sealed) for entry in page.entries]
        return answer({"generation": page.generation, "entries": entries, "more": page.more})


def _place(text: str) -> Place | None:
    """`<cid in hex>,<epoch>`; None for the beginning.  Raises BadRequest."""
    if not text:
        return None
    cid, _, epoch = text.partition(",")
    try:
        place = ConversationId(bytes.fromhex(cid)), int(epoch)
    except ValueError:
        raise BadRequest from None
    if len(place[0]) != 32 or not 0 <= place[1] < 1 << 31:
        raise BadRequest
    return place
