"""What the platform says in a MiSS message: that something happened to a request, by its number.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from miss.base.ids import AccountId, MessageId, PractitionerId
from miss.base.text import Language, Text

STALE: Final = timedelta(days=1)
"""A notice that could not be sent for so long is dropped: the mail has said it since."""
CONVERSATION_NAME: Final = "Téléexpertise MiSS"


class NoticeKind(StrEnum):
    """What somebody is told."""

    OFFERED = "offered"
    ASKED = "asked"
    ADDED = "added"
    ANSWERED = "answered"


_WORDS: Final[Mapping[NoticeKind, Text]] = {
    NoticeKind.OFFERED: Text(
        fr="La demande d’avis {number} vous est proposée.", en="Request for advice {number} is offered to you."
    ),
    NoticeKind.ASKED: Text(
        fr="L’expert demande des précisions sur la demande {number}.",
        en="The expert asks for a clarification of request {number}.",
    ),
    NoticeKind.ADDED: Text(
        fr="Le demandeur a complété la demande {number}.", en="The requester added to request {number}."
    ),
    NoticeKind.ANSWERED: Text(
        fr="L’avis sur la demande {number} est rendu.", en="The advice on request {number} is given."
    ),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person."""

    id: str
    """A UUIDv7: the message's `mid`, so that a second try is the same message."""
    to: PractitionerId
    kind: NoticeKind
    number: str
    created_at: datetime

    @property
    def mid(self) -> MessageId:
        """What the chat knows the message by (protocol §7)."""
        return MessageId(UUID(self.id).bytes)

    def is_stale(self, now: datetime) -> bool:
        return now - self.created_at > STALE

    def sentence(self, origin: str, language: Language) -> str:
        """What the recipient reads: no specialty, no patient, no question."""
        link = f"{origin}/teleexpertise/demandes/{self.number}"
        return f"{_WORDS[self.kind].in_(language, number=self.number)}\n{link}"


def talk_link(peer: AccountId, number: str) -> str:
    """Opens a conversation with `peer` in the MiSS application, about a request: its number is all that crosses."""
    return f"miss:talk?u={peer.hex()}&r={number}"
