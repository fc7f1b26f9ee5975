"""What the platform says in a MiSS message: that something happened, by its number.  Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from miss.base.ids import MessageId, PractitionerId
from miss.base.text import Language, Text

STALE: Final = timedelta(days=1)
"""A notice that could not be sent for so long is dropped: the mail has said it since."""
CONVERSATION_NAME: Final = "MiSS"


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of notice says: nothing clinical, no name but those of numbers."""

    text: Text
    """May hold `{number}`."""
    path: str = ""
    """The page that shows it, `/…/{number}`; empty: none does."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one person."""

    id: str
    """A UUIDv7: the message's `mid`, so that a second try is the same message."""
    to: PractitionerId
    kind: str
    number: str
    created_at: datetime

    @property
    def mid(self) -> MessageId:
        """What the chat knows the message by (protocol §7)."""
        return MessageId(UUID(self.id).bytes)

    def is_stale(self, now: datetime) -> bool:
        return now - self.created_at > STALE

    def sentence(self, words: Words, origin: str, language: Language) -> str:
        """What the recipient reads."""
        said = words.text.in_(language, number=self.number)
        return f"{said}\n{origin}{words.path.format(number=self.number)}" if words.path else said
