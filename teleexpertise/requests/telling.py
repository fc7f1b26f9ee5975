"""Who is told in MiSS of what happened to a request, beside the mail that each act sends itself.

A notice holds the request's number and a kind; it is written with the fact, or not at all.
"""

from collections.abc import Mapping
from typing import Final

from miss.directory.preferences import NotificationLevel
from miss.storage import Transaction
from teleexpertise.messaging import NoticeKind
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind
from teleexpertise.requests.parts import Parts

_TO_HOLDER: Final[Mapping[FactKind, NoticeKind]] = {
    FactKind.ASSIGNED: NoticeKind.OFFERED,
    FactKind.CLARIFIED: NoticeKind.ADDED,
    FactKind.ADDED: NoticeKind.ADDED,
    FactKind.ASKED_AFTER: NoticeKind.ADDED,
}
_TO_REQUESTER: Final[Mapping[FactKind, NoticeKind]] = {
    FactKind.CLARIFICATION_ASKED: NoticeKind.ASKED,
    FactKind.ANSWERED: NoticeKind.ANSWERED,
    FactKind.CORRECTED: NoticeKind.ANSWERED,
    FactKind.REPLIED_AFTER: NoticeKind.ANSWERED,
}


async def tell(parts: Parts, tx: Transaction, request: ExpertiseRequest, fact: Fact) -> None:
    """Queue what that fact makes worth telling, unless the person wants no notices at all."""
    to, kind = request.holder, _TO_HOLDER.get(fact.kind)
    if fact.kind in _TO_REQUESTER:
        to, kind = request.requester, _TO_REQUESTER[fact.kind]
    if to is None or kind is None or not parts.notices.is_on:
        return
    if await parts.preferences.level_of(tx, to) is not NotificationLevel.NONE:
        await parts.notices.queue(tx, to, kind, request.number)
