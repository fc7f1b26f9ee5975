"""The sites and departments of an establishment, and who works in them, by its own word.  Values only.

The national register says other things of the same people.  Neither overwrites the other: where they differ, whoever
keeps the list is told (`miss.directory.establishments.facts`).

Names: a *department* is a service of a hospital (« service », the `department` of RFC 7643 §4.3), not the territory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from miss.base.ids import OrganizationId, PractitionerId
from miss.base.text import Text
from miss.directory.search.words import fold
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX

MAX_UNITS = 500
"""Sites and departments of one establishment."""
MAX_STAFF = 20_000


class UnitKind(StrEnum):
    """A place, or a department in it."""

    SITE = "site"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Unit:
    """A site, or a department of a site or of the establishment as a whole: a tree two levels deep."""

    id: str
    kind: UnitKind
    name: str
    parent_id: str = ""
    """The site of a department; empty: of the establishment itself."""
    external_id: str = ""
    """How the establishment's own program names it."""


class Units:
    """The sites and departments of an establishment, found by name without regard to case or accents."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.all = tuple(units)
        self._by_id = {unit.id: unit for unit in units}
        self._by_names: dict[tuple[str, str], Unit] = {}
        self._by_department: dict[str, list[Unit]] = {}
        for unit in units:
            self._name(unit)

    def add(self, unit: Unit) -> None:
        """One more; its site, if it has one, is there."""
        self.all = (*self.all, unit)
        self._by_id[unit.id] = unit
        self._name(unit)

    def _name(self, unit: Unit) -> None:
        site, department = self.names(unit.id)
        self._by_names.setdefault((fold(site), fold(department)), unit)
        if department:
            self._by_department.setdefault(fold(department), []).append(unit)

    def find(self, unit_id: str) -> Unit | None:
        return self._by_id.get(unit_id)

    def names(self, unit_id: str) -> tuple[str, str]:
        """Site and department of somebody who works in that unit; empty where there is none."""
        unit = self._by_id.get(unit_id)
        if unit is None:
            return "", ""
        if unit.kind is UnitKind.SITE:
            return unit.name, ""
        site = self._by_id.get(unit.parent_id)
        return (site.name if site else ""), unit.name

    def resolve(self, site: str, department: str) -> Unit | None:
        """The unit that these names mean; a department without a site means the only one of that name, if it is."""
        found = self._by_names.get((fold(site), fold(department)))
        if found is None and department and not site:
            bearers = self._by_department.get(fold(department), [])
            found = bearers[0] if len(bearers) == 1 else None
        return found

    def settle(self, facts: "StaffFacts") -> "StaffFacts":
        """`facts` with its site and department written as they are here, if they are here."""
        unit = self.resolve(facts.site, facts.department) if facts.place else None
        if unit is None:
            return facts
        site, department = self.names(unit.id)
        return replace(facts, site=site, department=department)

    def sites(self) -> list[Unit]:
        """By name."""
        return sorted((unit for unit in self.all if unit.kind is UnitKind.SITE), key=lambda unit: unit.name)

    def departments(self, parent_id: str) -> list[Unit]:
        """Those of a site, or with an empty `parent_id` those of none, by name."""
        found = (unit for unit in self.all if unit.kind is UnitKind.DEPARTMENT and unit.parent_id == parent_id)
        return sorted(found, key=lambda unit: unit.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFacts:
    """What an establishment says of somebody who works there; empty text: nothing."""

    family: str = ""
    given: str = ""
    site: str = ""
    department: str = ""
    function: str = ""
    """In the establishment's words: « chef de service », « secrétaire »."""
    profession_code: str = ""
    """TRE_G15: `10` physician, `60` nurse."""
    rpps: str = ""
    adeli: str = ""
    mailbox: str = ""
    """Secure-mail address, lower case."""
    phone: str = ""
    is_published: bool = True
    external_id: str = ""
    """The identifier that the establishment's own program gave (SCIM `externalId`, a staff number)."""
    starts_on: date | None = None
    ends_on: date | None = None
    """Last day there; None: until somebody says otherwise."""

    @property
    def display_name(self) -> str:
        """`Paul EXEMPLE`."""
        return " ".join(part for part in (self.given, self.family.upper()) if part)

    @property
    def practitioner_id(self) -> PractitionerId | None:
        """Whom the register knows under this number; the RPPS number goes first."""
        if self.rpps:
            return PractitionerId(RPPS_PREFIX + self.rpps)
        return PractitionerId(ADELI_PREFIX + self.adeli) if self.adeli else None

    @property
    def place(self) -> str:
        """`Site nord, Urgences`."""
        return ", ".join(part for part in (self.site, self.department) if part)

    def is_shown(self, today: date) -> bool:
        """True if the directory may say today that somebody works there."""
        has_begun = self.starts_on is None or self.starts_on <= today
        return self.is_published and has_begun and (self.ends_on is None or today <= self.ends_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody who works in an establishment, by its own word."""

    id: str
    establishment_id: OrganizationId
    facts: StaffFacts
    unit_id: str = ""
    """Where `facts` says they work; empty: in no named department."""
    user_name: str = ""
    """How the establishment's provisioning program calls them (SCIM `userName`); empty: it never did."""
    created_at: datetime
    updated_at: datetime
    version: int = 1

    def saying(self, facts: StaffFacts) -> "StaffMember":
        """The same person, of whom the list says `facts`."""
        return replace(self, facts=facts)


class StaffAct(StrEnum):
    """What happened to somebody's place in an establishment."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    REMOVED = "removed"

    @property
    def text(self) -> Text:
        return _ACTS[self]


_ACTS: Mapping[StaffAct, Text] = MappingProxyType(
    {
        StaffAct.ADDED: Text(fr="Ajout", en="Added"),
        StaffAct.CHANGED: Text(fr="Modification", en="Changed"),
        StaffAct.MOVED: Text(fr="Changement de service", en="Moved"),
        StaffAct.PUBLISHED: Text(fr="Publication", en="Published"),
        StaffAct.HIDDEN: Text(fr="Masquage", en="Hidden"),
        StaffAct.REMOVED: Text(fr="Retrait", en="Removed"),
    }
)


@dataclass(frozen=True, slots=True)
class StaffEvent:
    """One act on somebody's place: kept when they have left."""

    at: datetime
    by: str
    """Actor, as in the access log."""
    act: StaffAct
    detail: str
    """From where to where, or which facts changed."""


@dataclass(frozen=True, slots=True)
class DeclaredPlace:
    """Where somebody works, by an establishment's own word: for whoever opens their entry in the directory."""

    establishment: str
    town: str
    place: str
    """Site and department; empty: none is named."""
    function: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffQuery:
    """Which members of a list."""

    text: str = ""
    """Words that a name or a function holds."""
    unit_id: str = ""
    """A department, or a site with all its departments."""
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Some members, by name."""

    members: Sequence[StaffMember] = ()
    total: int = 0
