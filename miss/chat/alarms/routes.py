"""The doors of alarms.  No rules here: each asks the room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from miss.base.ids import ConversationId
from miss.chat.alarms.model import Place
from miss.chat.http import Door, answer, caller, path_bytes, path_number, read_body
from miss.protocol.wire.frames import Acknowledgement

if TYPE_CHECKING:
    from miss.chat.service import Chat


class AcknowledgementSent(msgspec.Struct):
    """POST conversations/{cid}/alarms/{seq}/acknowledgement."""

    acknowledgement: Acknowledgement


class AlarmDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("GET", "conversations/{cid}/alarms", self.list_alarms),
            Door("POST", "conversations/{cid}/alarms/{seq}/acknowledgement", self.acknowledge),
        )

    async def list_alarms(self, request: Request) -> Response:
        """The alarms of a conversation, newest first, each with whom it was shown to.  Raises NotFound."""
        by = await caller(request, self._chat.devices)
        told = await self._chat.alarms.list_alarms(by.uid, ConversationId(path_bytes(request, "cid", 32)))
        return answer(
            {
                "alarms": [
                    (
                        each.alarm.place.seq,
                        each.alarm.state,
                        each.alarm.uid,
                        each.alarm.due_ms,
                        each.alarm.ack,
                        [(step.uid, step.at_ms, step.mailed) for step in each.steps],
                    )
                    for each in told
                ]
            }
        )

    async def acknowledge(self, request: Request) -> Response:
        """A signed acknowledgement stops an alarm for everybody.  Raises as `Alarms.acknowledge`."""
        by = await caller(request, self._chat.devices)
        place = Place(ConversationId(path_bytes(request, "cid", 32)), path_number(request, "seq"))
        sent = await read_body(request, AcknowledgementSent)
        await self._chat.alarms.acknowledge(by, place, sent.acknowledgement)
        return answer({})
