"""The register of persons and activities (PS_LibreAcces_Personne_activite), from lines to rows.  Pure.

A person has one line per activity and per specialty.  What a line says of the person (names, profession) is taken
from their first line; each line adds an activity.  A wrong RPPS or ADELI key rejects the line; a wrong FINESS key only
loses that number.  Rows of activities and sites are known by a hash of their content: equal content, equal row.

Source: Annuaire Santé, open extraction; PS_IdNat is `8` + RPPS or `0` + ADELI.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from miss.directory.register.extraction import Extraction, Fields
from miss.directory.register.numbers import CloseNumbers, PersonNumbers, hash64, is_finess
from miss.directory.register.remarks import Findings, LineRefused, Reason
from miss.directory.search.towns import department_of
from miss.directory.search.words import fold

IDENTIFIERS = ("Type d'identifiant PP", "Identifiant PP", "Identification nationale PP")
_PERSON = (
    *("Code civilité d'exercice", "Code civilité", "Nom d'exercice", "Prénom d'exercice"),
    *("Code profession", "Libellé profession"),
)
SPECIALTY = ("Code savoir-faire", "Libellé savoir-faire")
_SITE = (
    *("Numéro SIRET site", "Numéro FINESS site", "Identifiant technique de la structure", "Raison sociale site"),
    *("Enseigne commerciale site", "Complément point géographique (coord. structure)"),
    *("Numéro Voie (coord. structure)", "Indice répétition voie (coord. structure)"),
    *("Libellé type de voie (coord. structure)", "Libellé Voie (coord. structure)"),
    *("Code postal (coord. structure)", "Code commune (coord. structure)", "Libellé commune (coord. structure)"),
    *("Téléphone (coord. structure)", "Télécopie (coord. structure)", "Adresse e-mail (coord. structure)"),
)
_DEPARTMENT = ("Code département (coord. structure)", "Code Département (structure)")
_ACTIVITY = ("Code mode exercice", "Code fonction", "Code genre d'activité", "Code secteur d'activité")
LABELS = (*IDENTIFIERS, *_PERSON, *SPECIALTY, *_SITE, *_DEPARTMENT, *_ACTIVITY)
OPTIONAL = (*SPECIALTY, *_DEPARTMENT, *_ACTIVITY[1:])
"""Absent from one published column set or another."""

_AT_PERSON, _AT_SPECIALTY, _AT_SITE = 3, 3 + len(_PERSON), 3 + len(_PERSON) + 2
_AT_ACTIVITY = _AT_SITE + len(_SITE) + len(_DEPARTMENT)
_CIVILITIES = {"DR": "Dr", "PR": "Pr", "M": "M.", "MME": "Mme", "MLLE": "Mme"}
_REMEMBERED = 20_000


class PersonLine(NamedTuple):
    """A row of `register_practitioner` to be."""

    id: str
    digest: int
    family: str
    given: str
    civility: str
    profession_code: str
    family_words: str
    given_words: str


class RoleLine(NamedTuple):
    """A row of `register_role` to be."""

    practitioner_id: str
    activity: int
    specialty_code: str
    site: int | None
    profession_code: str
    mode_code: str
    sector_code: str
    place: str
    name_key: str
    words: str


class SiteLine(NamedTuple):
    """A row of `register_site` to be."""

    id: int
    identifier: str
    finess: str
    siret: str
    name: str
    address: str
    postcode: str
    town: str
    place: str
    phone: str
    fax: str
    email: str


@dataclass(slots=True)
class Batch:
    """What some lines say; a person and a site come in one batch only, an activity may come again."""

    people: list[PersonLine] = field(default_factory=list)
    roles: list[RoleLine] = field(default_factory=list)
    sites: list[SiteLine] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    """Folded words of names that were not met before."""


@dataclass(slots=True)
class Nomenclature:
    """Codes and communes as the files label them, gathered on the way; the first label counts."""

    professions: dict[str, str] = field(default_factory=dict)
    specialties: dict[str, str] = field(default_factory=dict)
    communes: dict[str, str] = field(default_factory=dict)


class ActivityReader:
    """Reads one extraction into batches."""

    def __init__(self, extraction: Extraction, *, known_words: set[str], is_test: bool = False) -> None:
        """`known_words`: those of names that need not be told again; grows.  Raises ExtractionUnreadable."""
        self.nomenclature = Nomenclature()
        self.has_specialties = all(extraction.header.has(label) for label in SPECIALTY)
        self._findings: Findings = extraction.findings
        self._lines = extraction.read(LABELS, OPTIONAL)
        self._numbers = PersonNumbers(self._findings, is_test=is_test)
        self._known_words = known_words
        self._seen_numbers, self._seen_others = CloseNumbers(), set[str]()
        self._seen_sites: set[int] = set()
        self._sites: dict[Fields, tuple[int | None, str, str]] = {}
        self._person = PersonLine("", 0, "", "", "", "", "", "")
        self._person_roles: set[tuple[int, str]] = set()

    def read(self, batch_lines: int) -> Iterator[Batch]:
        """Batches of about that many lines."""
        batch, left = Batch(), batch_lines
        for number, fields in self._lines:
            try:
                self._take(number, fields, batch)
            except LineRefused as refusal:
                self._findings.rejected.add(number, refusal.reason)
            left -= 1
            if not left:
                yield batch
                batch, left = Batch(), batch_lines
        yield batch

    def _take(self, number: int, fields: Fields, batch: Batch) -> None:
        national_id = self._numbers.check(number, fields[0], fields[1], fields[2])
        if national_id != self._person.id:
            self._take_person(national_id, fields[_AT_PERSON:_AT_SPECIALTY], batch)
        specialty_code, specialty = fields[_AT_SPECIALTY:_AT_SITE]
        if specialty_code:
            self.nomenclature.specialties.setdefault(specialty_code, specialty)
        site, place, place_words = self._take_site(number, fields[_AT_SITE:_AT_ACTIVITY], batch)
        if site is None and not specialty_code:
            return
        how = fields[_AT_ACTIVITY:]
        # The number changes when rows gain a column: every activity is then written anew, once.
        activity = hash64(f"2|{site}|{specialty}|{'|'.join(how)}")
        person = self._person
        if (activity, specialty_code) in self._person_roles:
            self._findings.doubtful.add(number, Reason.DUPLICATE)
            return
        self._person_roles.add((activity, specialty_code))
        profession = self.nomenclature.professions[person.profession_code]
        batch.roles.append(
            RoleLine(
                person.id,
                activity,
                specialty_code,
                site,
                person.profession_code,
                how[0],
                how[3],
                place,
                f"{person.family_words} {person.given_words}",
                f" {fold(profession)} {fold(specialty)} {place_words}",
            )
        )

    def _take_person(self, national_id: str, fields: Fields, batch: Batch) -> None:
        practice_civility, civility, family, given, profession_code, profession = fields
        if not family:
            raise LineRefused(Reason.NAME_MISSING)
        if not profession_code:
            raise LineRefused(Reason.PROFESSION_MISSING)
        self.nomenclature.professions.setdefault(profession_code, profession)
        shown = _CIVILITIES.get(practice_civility) or _CIVILITIES.get(civility, "")
        self._person = PersonLine(
            national_id,
            hash64("|".join((family, given, shown, profession_code, profession))),
            family,
            given,
            shown,
            profession_code,
            fold(family),
            fold(given),
        )
        self._person_roles = set()
        if not self._is_new(national_id):
            return
        batch.people.append(self._person)
        for word in (*self._person.family_words.split(), *self._person.given_words.split()):
            if word not in self._known_words:
                self._known_words.add(word)
                batch.words.add(word)

    def _is_new(self, national_id: str) -> bool:
        """True the first time; Corsican ADELI numbers have a letter."""
        if national_id.isdecimal():
            return self._seen_numbers.add(int(national_id))
        is_new = national_id not in self._seen_others
        self._seen_others.add(national_id)
        return is_new

    def _take_site(self, number: int, fields: Fields, batch: Batch) -> tuple[int | None, str, str]:
        """The site's hash, its place and the words of its town; no hash for a line that names none."""
        if fields[1] and not is_finess(fields[1]):
            self._findings.doubtful.add(number, Reason.FINESS)
        known = self._sites.get(fields)
        if known is not None:
            return known
        site = _parse_site(fields)
        found: tuple[int | None, str, str] = (None, "", "")
        if site is not None:
            found = (site.id, site.place, fold(site.town))
            if site.id not in self._seen_sites:
                self._seen_sites.add(site.id)
                batch.sites.append(site)
                if site.town:
                    self.nomenclature.communes.setdefault(site.place, site.town)
        if len(self._sites) >= _REMEMBERED:
            self._sites.clear()
        self._sites[fields] = found
        return found


def _parse_site(fields: Fields) -> SiteLine | None:
    """The place of a line; one without any number is known by its name and town."""
    siret, finess, structure_id, name, sign, complement, *street = fields[:10]
    postcode, commune, town, phone, fax, email, *departments = fields[10:]
    if not is_finess(finess):
        finess = ""
    name = name or sign
    identifier = structure_id or finess or siret
    if not identifier and name:
        identifier = fold(f"{name} {postcode} {town}")
    place = commune or _place(next(filter(None, departments), "") or department_of(postcode), town)
    address = ", ".join(filter(None, (complement, " ".join(filter(None, street)))))
    told = (identifier, finess, siret, name or identifier, address, postcode, town, place, phone, fax, email)
    if not any(told):
        return None
    return SiteLine(hash64("|".join(told)), *told)


def _place(department: str, town: str) -> str:
    """What stands for the INSEE code that a line lacks: it begins like one, and is that of no other town."""
    return f"{department}~{fold(town)}" if town else department
