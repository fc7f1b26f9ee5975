"""The coordinator's own choice of an expert (teleexpertise.md §4).  Pure.

It goes before the turn, the slots and the limits, which are kept with the decision all the same; it never goes before
what protects a person: nobody answers their own request, one with which they have a conflict, or against the patient's
will.  The turn is charged like a named one: virtual time stands still.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from miss.base.ids import PractitionerId
from teleexpertise.dispatch.errors import NotAssignable
from teleexpertise.dispatch.model import Choice, Decision, Exclusion, Member, Need, Pool, weigh

BINDING: Final = frozenset(
    {Exclusion.INACTIVE, Exclusion.NOT_MEMBER, Exclusion.REQUESTER, Exclusion.CONFLICT, Exclusion.OBJECTION}
)
"""Reasons that hold against the coordinator too."""


def choose_by_hand(pool: Pool, members: Sequence[Member], need: Need, who: PractitionerId, now: datetime) -> Decision:
    """The decision that gives the request to `who`.  Raises NotAssignable."""
    candidates = tuple(weigh(pool, member, need, now) for member in members)
    chosen = next((one for one in candidates if one.practitioner_id == who), None)
    if chosen is None or BINDING & {*chosen.reasons}:
        raise NotAssignable
    charge = next(member.terms.charge for member in members if member.practitioner_id == who)
    return Decision(
        candidates,
        who,
        Choice.BY_HAND,
        need.named,
        virtual_time=pool.virtual_time,
        credits={who: chosen.credit + charge},
    )
