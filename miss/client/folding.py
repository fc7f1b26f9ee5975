"""What later messages do to an earlier one: reactions, edits, deletion.  Pure.  protocol §3, Body

The log decides: messages about another one are applied in its order, whenever their authors wrote them.  An edit
or a deletion counts only from the author of the message it is about; a reaction of anybody.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from miss.base.ids import AccountId
from miss.client.model import (
    ACK,
    EDIT,
    REACTION,
    TEXT,
    Alarm,
    AlarmState,
    Message,
    Quote,
    Reaction,
    Version,
)
from miss.protocol.crypto import envelopes

QUOTE_CHARS: Final = 200
_EMOJI_PARTS: Final = frozenset({"So", "Sk", "Mn", "Me", "Cf"})
"""Pictures and flags, skin tones, variation selectors, keycaps, joiners."""
_KEYCAP: Final = "\u20e3"


def is_emoji(text: str) -> bool:
    """True for what may be a reaction: 32 bytes at most, of pictures only."""
    if not text or len(text.encode()) > envelopes.MAX_REACTION_BYTES:
        return False
    pictures = text if _KEYCAP not in text else text.lstrip("0123456789#*")
    kinds = {unicodedata.category(character) for character in pictures}
    return kinds <= _EMOJI_PARTS | {"Sm"} and bool(kinds & {"So", "Sm", "Me"})


def counts(amendment: Message, target: Message) -> bool:
    """True if `amendment` may change `target`: edits and deletions are its author's, an acknowledgement is not."""
    is_authors = amendment.uid is not None and amendment.uid == target.uid
    match amendment.type:
        case _ if target.refused:
            return False
        case envelopes.EDIT:
            return is_authors and target.type == TEXT
        case envelopes.DELETE:
            return is_authors
        case envelopes.ACK:
            return not is_authors
        case _:
            return True


def fold(target: Message, amendments: Iterable[Message]) -> Message:
    """`target` as the messages about it, in the order of the log, have left it."""
    if target.is_deleted:
        return target
    versions = [Version(target.text, target.sent_at)]
    reactions: dict[str, dict[AccountId, None]] = {}
    alarm = target.alarm
    for amendment in amendments:
        if amendment.refused or amendment.is_deleted or amendment.uid is None or not counts(amendment, target):
            continue
        if amendment.type == REACTION:
            _react(reactions, amendment.uid, amendment.text)
        elif amendment.type == EDIT:
            versions.append(Version(amendment.text, amendment.sent_at))
        elif amendment.type == ACK and alarm is not None:
            alarm = _acknowledge(alarm, amendment)
    *earlier, last = versions
    return replace(
        target,
        text=last.text,
        edited_at=last.written_at if earlier else None,
        versions=tuple(earlier),
        reactions=tuple(Reaction(emoji, tuple(uids)) for emoji, uids in reactions.items() if uids),
        alarm=alarm,
    )


def _acknowledge(alarm: Alarm, ack: Message) -> Alarm:
    """The first acknowledgement stands, whether it came as a message or by the server."""
    if alarm.acknowledged_by is not None:
        return alarm
    return replace(
        alarm,
        state=AlarmState.ACKNOWLEDGED,
        asked=None,
        acknowledged_by=ack.uid,
        acknowledged_at=ack.sent_at,
    )


def _react(reactions: dict[str, dict[AccountId, None]], uid: AccountId, emoji: str) -> None:
    """One person puts each emoji once; an empty one takes back all of theirs."""
    if not emoji:
        for uids in reactions.values():
            uids.pop(uid, None)
    elif is_emoji(emoji):
        reactions.setdefault(emoji, {}).setdefault(uid)


def quote(message: Message) -> Quote:
    """What stands above an answer to `message`."""
    return Quote(
        seq=message.seq,
        uid=message.uid,
        text=message.text[:QUOTE_CHARS],
        has_attachments=bool(message.attachments),
        is_deleted=message.is_deleted,
    )
