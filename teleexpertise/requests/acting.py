"""Which acts may be done for somebody else, and by whom.  Pure: the one table (teleexpertise.md §14, ADR 41).

Every act bears the name of whose hand it was.  Who acts for another does what asking for advice takes; to give advice,
to judge it, to coordinate, and to set up what is a person's own is done in one's own name alone.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Capacity(StrEnum):
    """How somebody acts."""

    OWN_NAME = "own_name"
    SECRETARY = "secretary"
    """For a practitioner who named them."""
    MEMBER = "member"
    """For an establishment, together with its other members: what they ask is the establishment's."""


class Act(StrEnum):
    """What is done on the pages."""

    ASK = "ask"
    """Prepare, send, complete, clarify, take back a request; come back to the answer."""
    READ = "read"
    """A request, its files, the answer, the series."""
    SETTLE_APPOINTMENT = "settle_appointment"
    """Accept or decline what the expert proposes, for the patient."""
    INFORM = "inform"
    """Close the loop: the patient knows."""
    FOLLOW_UP = "follow_up"
    """Begin a follow-up, and its photographs."""
    EXPORT = "export"
    """The exchange as FHIR, for the establishment's record."""
    JUDGE = "judge"
    """What the answer was worth: the survey."""
    ANSWER = "answer"
    """All that an expert does with a request: accept, decline, question, answer, correct, reread, propose."""
    COORDINATE = "coordinate"
    """Run a pool; exceptional access."""
    SET_UP = "set_up"
    """What is a person's own: availability, calendars, templates, conflicts, billed acts."""


_ALL = frozenset(Capacity)
_OWN = frozenset({Capacity.OWN_NAME})

MAY: Mapping[Act, frozenset[Capacity]] = MappingProxyType(
    {
        Act.ASK: _ALL,
        Act.READ: _ALL,
        Act.SETTLE_APPOINTMENT: _ALL,
        Act.INFORM: _ALL,
        Act.FOLLOW_UP: _ALL,
        Act.EXPORT: _ALL,
        Act.JUDGE: frozenset({Capacity.OWN_NAME, Capacity.MEMBER}),
        Act.ANSWER: _OWN,
        Act.COORDINATE: _OWN,
        Act.SET_UP: _OWN,
    }
)


def may_act(capacity: Capacity, act: Act) -> bool:
    """True if somebody may do that, acting so."""
    return capacity in MAY[act]
