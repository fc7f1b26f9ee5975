"""What a file would do to a list of staff, before anything is done.  Pure.

Each line finds the person it is about: by staff number, RPPS, ADELI or secure mailbox, else by name if one person
alone bears it and no number contradicts.  A file with one line in error does nothing at all; a file that is the whole
list takes away whom it does not name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from miss.base.ids import PractitionerId
from miss.directory.establishments.facts import Problem, Remark, StaffField, compare, parse_facts
from miss.directory.establishments.files import StaffLine, StaffSheet
from miss.directory.establishments.staff import StaffFacts, StaffMember, Units
from miss.directory.practitioners.model import Practitioner
from miss.directory.search.words import fold

MUCH = 0.3
"""A file that takes away more than this part of the list asks to be confirmed twice."""

Register = Mapping[PractitionerId, Practitioner]
_KEYS = (StaffField.EXTERNAL_ID, StaffField.RPPS, StaffField.ADELI, StaffField.MAILBOX)


@dataclass(frozen=True, slots=True)
class LineRemark:
    """A problem of one line."""

    line: int
    remark: Remark


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody of the list, and what a line says of them instead."""

    line: int
    member: StaffMember
    facts: StaffFacts

    @property
    def fields(self) -> tuple[StaffField, ...]:
        """What differs."""
        return tuple(name for name in StaffField if getattr(self.facts, name) != getattr(self.member.facts, name))

    @property
    def is_move(self) -> bool:
        """True if the department or the site differs."""
        return self.facts.place != self.member.facts.place


@dataclass(frozen=True, slots=True)
class Addition:
    """Somebody new to the list."""

    line: int
    facts: StaffFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen."""

    added: tuple[Addition, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[StaffMember, ...] = ()
    unchanged: int = 0
    errors: tuple[LineRemark, ...] = ()
    """One of them, and nothing is applied."""
    warnings: tuple[LineRemark, ...] = ()
    departments: tuple[str, ...] = ()
    """Those the list does not have yet."""

    @property
    def total(self) -> int:
        """People on the list before."""
        return len(self.removed) + len(self.changed) + self.unchanged

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)

    @property
    def removes_much(self) -> bool:
        """True if it asks for a second confirmation."""
        return len(self.removed) > MUCH * self.total


def numbers_in(sheet: StaffSheet) -> frozenset[PractitionerId]:
    """Under which identifiers the register may know the people of a file."""
    found = (parse_facts(line.said).facts.practitioner_id for line in sheet.lines)
    return frozenset(identifier for identifier in found if identifier)


def preview(
    sheet: StaffSheet, members: Sequence[StaffMember], units: Units, register: Register, *, is_complete: bool
) -> Preview:
    """What `sheet` does to the list `members`.  `register`: those of `numbers_in` that it knows.

    `is_complete`: the file is the whole list, and whoever it does not name is removed.
    """
    reader = _Reader(members, units, register)
    for line in sheet.lines:
        reader.read(line)
    removed = tuple(member for member in members if is_complete and member.id not in reader.line_of_member)
    return Preview(
        added=tuple(reader.added),
        changed=tuple(reader.changed),
        removed=removed,
        unchanged=len(members) - len(removed) - len(reader.changed),
        errors=tuple(reader.errors),
        warnings=tuple(reader.warnings),
        departments=tuple(sorted({facts.place for facts in reader.new_places.values()})),
    )


class _Reader:
    """Reads line after line, and remembers whom each was about."""

    def __init__(self, members: Sequence[StaffMember], units: Units, register: Register) -> None:
        self._units, self._register = units, register
        self._by_key: dict[tuple[str, str], list[StaffMember]] = {}
        self._by_name: dict[str, list[StaffMember]] = {}
        for member in members:
            for key in _keys(member.facts):
                self._by_key.setdefault(key, []).append(member)
            self._by_name.setdefault(_name(member.facts), []).append(member)
        self._line_of_key: dict[tuple[str, str], int] = {}
        self.line_of_member: dict[str, int] = {}
        self.added: list[Addition] = []
        self.changed: list[Change] = []
        self.new_places: dict[tuple[str, str], StaffFacts] = {}
        self.errors: list[LineRemark] = []
        self.warnings: list[LineRemark] = []

    def read(self, line: StaffLine) -> None:
        alone = parse_facts(line.said)
        member, refusal = self._find(alone.facts)
        parsed = parse_facts(line.said, member.facts) if member else alone
        # A wrong number is refused by itself: whom it stands for is not known then.
        errors = [*line.errors, *alone.errors] or [*parsed.errors]
        if refusal and not errors:
            errors = [refusal]
        if not errors and (repeated := self._repeated(parsed.facts, member)):
            errors = [Remark(Problem.REPEATED, {"line": repeated})]
        self.errors.extend(LineRemark(line.number, error) for error in errors)
        if member:
            self.line_of_member.setdefault(member.id, line.number)
        for key in _unique_keys(parsed.facts):
            self._line_of_key.setdefault(key, line.number)
        if errors:
            return
        self._take(line.number, parsed.facts, member)
        known = self._register.get(parsed.facts.practitioner_id) if parsed.facts.practitioner_id else None
        remarks = (*parsed.warnings, *compare(parsed.facts, known))
        self.warnings.extend(LineRemark(line.number, remark) for remark in remarks)

    def _settle(self, facts: StaffFacts) -> StaffFacts:
        """With the department as the list writes it; a new one is written as its first line does."""
        if facts.place and self._units.resolve(facts.site, facts.department) is None:
            first = self.new_places.setdefault((fold(facts.site), fold(facts.department)), facts)
            return replace(facts, site=first.site, department=first.department)
        return self._units.settle(facts)

    def _take(self, number: int, facts: StaffFacts, member: StaffMember | None) -> None:
        facts = self._settle(facts)
        if member is None:
            self.added.append(Addition(number, facts))
        elif facts != member.facts:
            self.changed.append(Change(number, member, facts))

    def _repeated(self, facts: StaffFacts, member: StaffMember | None) -> int | None:
        """The earlier line that is about the same person."""
        if member and member.id in self.line_of_member:
            return self.line_of_member[member.id]
        return next((self._line_of_key[key] for key in _unique_keys(facts) if key in self._line_of_key), None)

    def _find(self, facts: StaffFacts) -> tuple[StaffMember | None, Remark | None]:
        found: dict[str, StaffMember] = {}
        for key in _keys(facts):
            bearers = self._by_key.get(key, [])
            # A mailbox may be a department's: it names somebody only if nobody shares it.
            if key[0] != StaffField.MAILBOX or (len(bearers) == 1 and not found):
                found |= {member.id: member for member in bearers}
        if len(found) > 1:
            return None, Remark(Problem.TWO_PEOPLE)
        if found:
            return next(iter(found.values())), None
        namesakes = [one for one in self._by_name.get(_name(facts), []) if not _contradict(one.facts, facts)]
        if len(namesakes) > 1:
            return None, Remark(Problem.NAMESAKES)
        return (namesakes[0] if namesakes else None), None


def _keys(facts: StaffFacts) -> list[tuple[str, str]]:
    return [(name, value) for name in _KEYS if (value := getattr(facts, name))]


def _unique_keys(facts: StaffFacts) -> list[tuple[str, str]]:
    return [key for key in _keys(facts) if key[0] != StaffField.MAILBOX]


def _name(facts: StaffFacts) -> str:
    return f"{fold(facts.family)}|{fold(facts.given)}"


def _contradict(one: StaffFacts, other: StaffFacts) -> bool:
    """True if both have a number of the same kind, and not the same: they are two people of one name."""
    keys = (StaffField.EXTERNAL_ID, StaffField.RPPS, StaffField.ADELI)
    return any((left := getattr(one, name)) and (right := getattr(other, name)) and left != right for name in keys)
