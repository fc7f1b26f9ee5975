"""Which pool takes a request, and when another one may help: pure rules, each with its reason.

Several pools may receive the same form.  The expert's own pool goes first if one was named, then the pool that serves
the requester's establishment, then their department, then those that serve everybody, then any: no request is left
without a pool because each of them wrote down whom it serves *first*.  Among equals, the oldest pool.
Other pools help in the order written down, and only one in which somebody can take the request; never everybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from miss.base.ids import PoolId, PractitionerId
from miss.base.text import Text
from teleexpertise.availability.working_time import find_working_time_end, working_time_between
from teleexpertise.dispatch.errors import BadTerms
from teleexpertise.dispatch.model import Pool

MAX_FALLBACKS: Final = 5
MAX_SERVED: Final = 200


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """A competence that requests of a pool ask for: all of them, or those with one answer."""

    competence: str
    link_id: str = ""
    """A choice of the form; empty: every request."""
    code: str = ""

    def applies(self, answers: Collection[tuple[str, str]]) -> bool:
        """`answers`: linkId and code of every coded answer."""
        return not self.link_id or (self.link_id, self.code) in answers


@dataclass(frozen=True, slots=True)
class Policy:
    """What a pool says of the requests it takes.  Raises BadTerms."""

    establishments: frozenset[str] = frozenset()
    """Whose requesters it serves first: register identifiers, FINESS or SIRET numbers."""
    departments: frozenset[str] = frozenset()
    """`59`, `2A`, `974`."""
    fallbacks: tuple[PoolId, ...] = ()
    """Who helps, in that order."""
    fallback_percent: int | None = None
    """Share of the time to answer after which a request that still waits goes there; None: only when nobody of the
    pool can meet the deadline."""
    requirements: tuple[Requirement, ...] = ()

    def __post_init__(self) -> None:
        percent, helpers = self.fallback_percent, len(self.fallbacks)
        if percent is not None and not 1 <= percent <= 99:
            raise BadTerms(field="fallback_percent", value=percent, bounds="1-99")
        if helpers > MAX_FALLBACKS or len({*self.fallbacks}) < helpers:
            raise BadTerms(field="fallbacks", value=helpers, bounds=f"≤ {MAX_FALLBACKS}, ≠")
        served = len(self.establishments) + len(self.departments)
        if served > MAX_SERVED:
            raise BadTerms(field="establishments", value=served, bounds=f"≤ {MAX_SERVED}")

    def competences_for(self, answers: Collection[tuple[str, str]]) -> frozenset[str]:
        """What an expert must be able to do for a request with these coded answers."""
        return frozenset(one.competence for one in self.requirements if one.applies(answers))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a requester practises."""

    establishments: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


class Served(StrEnum):
    """Why a pool takes a request."""

    NAMED = "named"
    ESTABLISHMENT = "establishment"
    DEPARTMENT = "department"
    EVERYBODY = "everybody"
    ONLY = "only"
    """It serves others first, and nobody serves this requester."""


SERVED_LABELS: Mapping[Served, Text] = MappingProxyType(
    {
        Served.NAMED: Text(fr="le groupe de l’expert souhaité", en="the pool of the expert asked for"),
        Served.ESTABLISHMENT: Text(
            fr="le groupe qui sert l’établissement du demandeur",
            en="the pool that serves the requester’s establishment",
        ),
        Served.DEPARTMENT: Text(
            fr="le groupe qui sert le département du demandeur", en="the pool that serves the requester’s department"
        ),
        Served.EVERYBODY: Text(fr="le groupe ouvert à tous", en="the pool that serves everybody"),
        Served.ONLY: Text(
            fr="aucun groupe ne sert ce demandeur en premier : le plus ancien la prend",
            en="no pool serves this requester first: the oldest one takes it",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Taker:
    """A pool that receives the form: its policy and its active members."""

    pool: Pool
    policy: Policy
    members: frozenset[PractitionerId] = frozenset()


def take(takers: Sequence[Taker], origin: Origin, named: PractitionerId | None = None) -> tuple[Taker, Served] | None:
    """The pool that takes a request, and why; None: nobody receives that form."""
    order = [*Served]
    ranked = [(order.index(_served(one, origin, named)), one.pool.id, one) for one in takers]
    if not ranked:
        return None
    rank, _, taker = min(ranked, key=lambda one: one[:2])
    return taker, order[rank]


def fallback_at(pool: Pool, policy: Policy, sent_at: datetime, deadline: datetime) -> datetime | None:
    """When a request that still waits may go to another pool, counted in the pool's hours; None: not by time."""
    if policy.fallback_percent is None:
        return None
    working = working_time_between(sent_at, deadline, pool.hours)
    elapsed = sent_at + (deadline - sent_at) * policy.fallback_percent / 100
    if not working:
        return elapsed
    return find_working_time_end(sent_at, working * policy.fallback_percent / 100, pool.hours) or elapsed


def _served(taker: Taker, origin: Origin, named: PractitionerId | None) -> Served:
    policy = taker.policy
    if named is not None and named in taker.members:
        return Served.NAMED
    if policy.establishments & origin.establishments:
        return Served.ESTABLISHMENT
    if policy.departments & origin.departments:
        return Served.DEPARTMENT
    return Served.ONLY if policy.establishments or policy.departments else Served.EVERYBODY
