"""The platform's own entries, for other tools: files, and what changed since the last time (ADR 36).

Own entries are those of people with an active account and of the staff that establishments publish, red list left
out; never the national register, which its own editor publishes.
"""

from miss.directory.exports.entries import OwnEntries
from miss.directory.exports.errors import CursorUnknown, TooManyExports
from miss.directory.exports.feed.model import Change, ChangeKind, ChangePage
from miss.directory.exports.feed.service import ChangeFeed
from miss.directory.exports.model import Card, ExportFormat, card_of, mailboxes_of
from miss.directory.exports.service import Exports
from miss.directory.exports.vcard import compose_vcard

__all__ = [
    "Card",
    "Change",
    "ChangeFeed",
    "ChangeKind",
    "ChangePage",
    "CursorUnknown",
    "ExportFormat",
    "Exports",
    "OwnEntries",
    "TooManyExports",
    "card_of",
    "compose_vcard",
    "mailboxes_of",
]
