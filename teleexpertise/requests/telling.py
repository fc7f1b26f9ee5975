"""Who is told in MiSS of what happened to a request, beside the mail that each act sends itself.

A notice holds the request's number and a kind; it is written with the fact, or not at all.  An establishment gets what
requesters get at its organisational mailbox, if it has one; its members are told by mail that there is news, on the
page that they share.
"""

from collections.abc import Mapping
from typing import Final

from miss.directory.practitioners.model import is_party_id, organization_of_party
from miss.directory.preferences import NotificationLevel
from miss.directory.roles import Role, organization_scope
from miss.storage import Transaction
from teleexpertise.dispatch import DeclineReason
from teleexpertise.letters.to_members import news
from teleexpertise.messaging import NoticeKind
from teleexpertise.requests import store
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind
from teleexpertise.requests.parts import Parts, correspondent

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


_TO_MEMBERS: Final = frozenset(
    {*_TO_REQUESTER, FactKind.REORIENTED, FactKind.OVERDUE, FactKind.CLOSED, FactKind.APPOINTMENT_PROPOSED}
)
MOST_TOLD: Final = 20
"""Members of one establishment who are told of what a colleague who has left had asked."""


async def tell(parts: Parts, tx: Transaction, request: ExpertiseRequest, fact: Fact) -> None:
    """Queue what that fact makes worth telling, unless the person wants no notices at all."""
    if is_party_id(request.requester) and (fact.kind in _TO_MEMBERS or fact.reason == DeclineReason.EMERGENCY):
        await tell_members(parts, tx, request, f"{fact.kind}-{fact.at:%Y%m%d%H%M%S}")
    to, kind = request.holder, _TO_HOLDER.get(fact.kind)
    if fact.kind in _TO_REQUESTER:
        to, kind = request.requester, _TO_REQUESTER[fact.kind]
    if to is None or kind is None or is_party_id(to) or not parts.notices.is_on:
        return
    if await parts.preferences.level_of(tx, to) is not NotificationLevel.NONE:
        await parts.notices.queue(tx, to, kind, request.number)


async def tell_members(parts: Parts, tx: Transaction, request: ExpertiseRequest, reference: str) -> None:
    """Mail that there is news to the member who asked; to all of them once that one's mandate has ended, unless the
    establishment has a secure mailbox that is told everything.

    `reference`: of what happened.  Nothing for what a person asked.
    """
    if not is_party_id(request.requester):
        return
    scope = organization_scope(organization_of_party(request.requester))
    grants = await parts.roles.list_holders(Role.ORGANIZATION_MEMBER, scope, tx)
    accounts = await parts.accounts.get_many([grant.uid for grant in grants], tx)
    members = [account.practitioner_id for account in accounts.values() if account.is_active]
    hand = (await store.list_hands(tx, [request.id])).get(request.id)
    establishment = (await parts.practitioners.get_many([request.requester], tx)).get(request.requester)
    others = [] if establishment is not None and establishment.letterboxes else sorted(members)[:MOST_TOLD]
    told = [hand] if hand in members else others
    people = await parts.practitioners.get_many(told, tx)
    place = establishment.display_name if establishment else ""
    for one in told:
        to = correspondent(people[one]) if one in people else None
        if to is not None and await parts.preferences.level_of(tx, one) is not NotificationLevel.NONE:
            named = f"{request.number}-{reference}-{one.replace('/', '-')}"
            mail = news(parts.platform, to, reference=named, establishment=place)
            await parts.outbox.enqueue(tx, mail, about=f"request:{request.id}")
