"""The register of persons and activities (PS_LibreAcces_Personne_activite), from lines to people.  Pure.

A person has one line per activity and per specialty; they are merged.  What one line says of the person itself
(names, profession) is taken from the first.  A wrong RPPS or ADELI key rejects the line; a wrong FINESS key only
loses that number.

Source: Annuaire Santé, open extraction; PS_IdNat is `8` + RPPS or `0` + ADELI.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from hashlib import blake2b

from miss.directory.practitioners.extraction import Findings, LineRefused, Reason, Row, read_rows
from miss.directory.practitioners.grouping import grouped
from miss.directory.practitioners.model import Coding
from miss.directory.practitioners.search import fold_words, search_key
from miss.documents.identities import NumberVerdict, check_adeli, check_finess, check_rpps

ID_TYPE = "Type d'identifiant PP"
ID = "Identifiant PP"
NATIONAL_ID = "Identification nationale PP"
PRACTICE_CIVILITY = "Code civilité d'exercice"
CIVILITY = "Code civilité"
FAMILY = "Nom d'exercice"
GIVEN = "Prénom d'exercice"
PROFESSION_CODE = "Code profession"
PROFESSION = "Libellé profession"
SPECIALTY_CODE = "Code savoir-faire"
SPECIALTY = "Libellé savoir-faire"
SIRET = "Numéro SIRET site"
FINESS = "Numéro FINESS site"
STRUCTURE_ID = "Identifiant technique de la structure"
STRUCTURE_NAME = "Raison sociale site"
STRUCTURE_SIGN = "Enseigne commerciale site"
POSTCODE = "Code postal (coord. structure)"
TOWN = "Libellé commune (coord. structure)"
PHONE = "Téléphone (coord. structure)"
LABELS = (
    *(ID_TYPE, ID, NATIONAL_ID, PRACTICE_CIVILITY, CIVILITY, FAMILY, GIVEN, PROFESSION_CODE, PROFESSION),
    *(SPECIALTY_CODE, SPECIALTY, SIRET, FINESS, STRUCTURE_ID, STRUCTURE_NAME, STRUCTURE_SIGN, POSTCODE, TOWN, PHONE),
)
"""All are required.  A cut without its savoir-faire columns is refused: taking it would erase every specialty."""

_CIVILITIES = {"DR": "Dr", "PR": "Pr", "M": "M.", "MME": "Mme", "MLLE": "Mme"}
_CHECKS = {"8": check_rpps, "0": check_adeli}
_ACCEPTED = (NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED)


@dataclass(frozen=True, slots=True)
class RegisterOrganization:
    """The place of an activity."""

    identifier: str
    finess: str | None
    name: str


@dataclass(frozen=True, slots=True)
class RegisterRole:
    """One activity."""

    specialty: Coding | None
    organization: RegisterOrganization | None
    town: str
    postcode: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One person with all their activities, in an order that does not depend on the file's."""

    national_id: str
    rpps: str | None
    family: str
    given: str
    civility: str
    profession: Coding
    roles: tuple[RegisterRole, ...]

    @property
    def digest(self) -> str:
        """Equal for equal content: how an import tells what has changed."""
        return blake2b(repr(self).encode(), digest_size=16).hexdigest()

    @property
    def search_key(self) -> str:
        """What the person is found by: names, profession, specialties, towns."""
        specialties = (role.specialty.display for role in self.roles if role.specialty)
        towns = (role.town for role in self.roles)
        return search_key((self.family, self.given, self.profession.display, *specialties, *towns))


def read_register(lines: Iterable[bytes], findings: Findings) -> Generator[RegisterEntry]:
    """Each person of the file once, in the order of national identifiers; memory does not grow with the file.

    Raises ExtractionUnreadable if the header lacks a column.
    """
    for _, rows in grouped(read_rows(lines, LABELS, findings), NATIONAL_ID):
        entries = []
        for number, row in rows:
            try:
                entries.append(parse_line((number, row), findings))
            except LineRefused as refusal:
                findings.rejected.add(number, refusal.reason)
        if entries:
            yield merge_lines(entries)


def parse_line(numbered: Row, findings: Findings) -> RegisterEntry:
    """What one line says, as an entry with at most one role.  Raises LineRefused."""
    number, row = numbered
    check = _CHECKS.get(row[ID_TYPE])
    if check is None:
        raise LineRefused(Reason.IDENTIFIER_TYPE)
    if check(row[ID]) not in _ACCEPTED:
        raise LineRefused(Reason.IDENTIFIER)
    if row[NATIONAL_ID] != row[ID_TYPE] + row[ID]:
        raise LineRefused(Reason.IDENTIFIER_MISMATCH)
    if not row[FAMILY]:
        raise LineRefused(Reason.NAME_MISSING)
    if not row[PROFESSION_CODE]:
        raise LineRefused(Reason.PROFESSION_MISSING)
    role = _parse_role(row)
    if row[FINESS] and check_finess(row[FINESS]) not in _ACCEPTED:
        findings.doubtful.add(number, Reason.FINESS)
    return RegisterEntry(
        national_id=row[NATIONAL_ID],
        rpps=row[ID] if check is check_rpps else None,
        family=row[FAMILY],
        given=row[GIVEN],
        civility=_CIVILITIES.get(row[PRACTICE_CIVILITY], _CIVILITIES.get(row[CIVILITY], "")),
        profession=Coding(row[PROFESSION_CODE], row[PROFESSION]),
        roles=(role,) if role else (),
    )


def merge_lines(entries: list[RegisterEntry]) -> RegisterEntry:
    """The lines of one person as one entry; names and profession are those of the first.  At least one line."""
    first = entries[0]
    roles = dict.fromkeys(role for entry in entries for role in entry.roles)
    return RegisterEntry(
        national_id=first.national_id,
        rpps=first.rpps,
        family=first.family,
        given=first.given,
        civility=first.civility,
        profession=first.profession,
        roles=tuple(sorted(roles, key=repr)),
    )


def _parse_role(row: dict[str, str]) -> RegisterRole | None:
    """The activity of a line; None for somebody who is registered but has none."""
    specialty = Coding(row[SPECIALTY_CODE], row[SPECIALTY]) if row[SPECIALTY_CODE] else None
    role = RegisterRole(specialty, _parse_organization(row), row[TOWN], row[POSTCODE], row[PHONE])
    return None if role == RegisterRole(None, None, "", "", "") else role


def _parse_organization(row: dict[str, str]) -> RegisterOrganization | None:
    """The place of a line; one without any number is known by its name and town."""
    finess = row[FINESS] if check_finess(row[FINESS]) in _ACCEPTED else None
    name = row[STRUCTURE_NAME] or row[STRUCTURE_SIGN]
    identifier = row[STRUCTURE_ID] or finess or row[SIRET]
    if not identifier and name:
        identifier = " ".join(fold_words(name, row[POSTCODE], row[TOWN]))
    return RegisterOrganization(identifier, finess, name or identifier) if identifier else None
