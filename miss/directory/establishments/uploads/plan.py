"""What a confirmed file, or a program, does to a list, person by person, so as to be done a slice at a time.  Pure.

Each step says what somebody is to be in the end, under an identifier that is given beforehand: done again, it changes
nothing.  Whether all of them can be done, in that order, is found out before the first.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from miss.directory.establishments.errors import StaffExists, TooManyStaff
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.preview import Preview
from miss.directory.establishments.staff import MAX_STAFF, StaffFacts, StaffMember

SLICE_STEPS = 100
"""People written in one transaction: some 20 ms, which other writers wait for."""
_NUMBERS = (StaffField.RPPS, StaffField.ADELI, StaffField.EXTERNAL_ID)
_DATES = ("starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class Step:
    """One person."""

    member_id: str
    facts: StaffFacts | None
    """What the list says of them afterwards; None: they are no longer on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Removals first, as they free numbers; then those who stay, then those who come."""

    removed: tuple[Step, ...]
    changed: tuple[Step, ...]
    added: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return (*self.removed, *self.changed, *self.added)

    def slices(self) -> Iterator[Sequence[Step]]:
        """All steps in order, `SLICE_STEPS` at a time."""
        steps = self.steps
        return (steps[start : start + SLICE_STEPS] for start in range(0, len(steps), SLICE_STEPS))

    def places(self) -> list[StaffFacts]:
        """Facts that name each place once."""
        named = {(step.facts.site, step.facts.department): step.facts for step in self.steps if step.facts}
        return list(named.values())

    def to_json(self) -> str:
        groups = (self.removed, self.changed, self.added)
        return json.dumps([[_said(step) for step in group] for group in groups], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        removed, changed, added = (tuple(_heard(*said) for said in group) for group in json.loads(text))
        return cls(removed, changed, added)


def plan_of(found: Preview, new_id: Callable[[], str]) -> Plan:
    """The steps of a preview; `new_id`: for each person who comes."""
    return Plan(
        tuple(Step(member.id, None) for member in found.removed),
        tuple(Step(change.member.id, change.facts) for change in found.changed),
        tuple(Step(new_id(), addition.facts) for addition in found.added),
    )


def require_possible(plan: Plan, members: Iterable[StaffMember]) -> None:
    """Raises TooManyStaff, StaffExists if the plan cannot be carried out, step after step, on the list `members`."""
    gone = {step.member_id for step in plan.removed}
    staying = {member.id: member.facts for member in members if member.id not in gone}
    if len(staying) + len(plan.added) > MAX_STAFF:
        raise TooManyStaff(limit=MAX_STAFF)
    holders = {number: member_id for member_id, facts in staying.items() for number in _numbers(facts)}
    for step in (*plan.changed, *plan.added):
        for number in _numbers(staying.get(step.member_id, StaffFacts())):
            del holders[number]
        for number in _numbers(step.facts or StaffFacts()):
            if holders.setdefault(number, step.member_id) != step.member_id:
                raise StaffExists(field=number[0].text)


def _numbers(facts: StaffFacts) -> list[tuple[StaffField, str]]:
    """What one person of a list has alone."""
    return [(name, value) for name in _NUMBERS if (value := getattr(facts, name))]


def _said(step: Step) -> tuple[str, dict[str, Any] | None]:
    if step.facts is None:
        return step.member_id, None
    facts = asdict(step.facts)
    return step.member_id, facts | {name: facts[name].isoformat() for name in _DATES if facts[name]}


def _heard(member_id: str, facts: dict[str, Any] | None) -> Step:
    if facts is None:
        return Step(member_id, None)
    return Step(
        member_id, StaffFacts(**facts | {name: date.fromisoformat(facts[name]) for name in _DATES if facts[name]})
    )
