"""What tele-expertise says in MiSS: kinds of notices and their words, and the link by which two people talk about a
request.  The notices themselves are the house's (`miss.server.notices`); only a request's number crosses.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from miss.base.ids import AccountId
from miss.base.text import Text
from miss.server.notices import Words

_PAGE: Final = "/teleexpertise/demandes/{number}"


class NoticeKind(StrEnum):
    """What somebody is told."""

    OFFERED = "teleexpertise.offered"
    ASKED = "teleexpertise.asked"
    ADDED = "teleexpertise.added"
    ANSWERED = "teleexpertise.answered"


WORDS: Final[Mapping[str, Words]] = {
    NoticeKind.OFFERED: Words(
        Text(fr="La demande d’avis {number} vous est proposée.", en="Request for advice {number} is offered to you."),
        _PAGE,
    ),
    NoticeKind.ASKED: Words(
        Text(
            fr="L’expert demande des précisions sur la demande {number}.",
            en="The expert asks for a clarification of request {number}.",
        ),
        _PAGE,
    ),
    NoticeKind.ADDED: Words(
        Text(fr="Le demandeur a complété la demande {number}.", en="The requester added to request {number}."), _PAGE
    ),
    NoticeKind.ANSWERED: Words(
        Text(fr="L’avis sur la demande {number} est rendu.", en="The advice on request {number} is given."), _PAGE
    ),
}


def talk_link(peer: AccountId, number: str) -> str:
    """Opens a conversation with `peer` in the MiSS application, about a request: its number is all that crosses."""
    return f"miss:talk?u={peer.hex()}&r={number}"
