"""What somebody said of a member of staff, in a form, on a line of a file or by a program: from text to facts.  Pure.

Every way in reads the same fields by the same rules.  What cannot be kept is an error; what differs from the national
register is a warning, for whoever keeps the list to settle: both may be right, or the register late.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from miss.base.text import Text
from miss.directory.establishments.staff import StaffFacts
from miss.directory.practitioners.model import Practitioner
from miss.directory.register.mailboxes import is_address, normalise_address
from miss.directory.search.words import fold
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX, NumberVerdict, check_adeli, check_rpps

TEST_RPPS = "999"
"""Numbers that begin so are those of published test sets; their keys are often wrong."""

_YES = frozenset({"oui", "yes", "o", "y", "1", "vrai", "true", "x", "on"})
_NO = frozenset({"non", "no", "n", "0", "faux", "false"})
_PHONE = re.compile(r"[+(]?[0-9][0-9 ().+/-]{1,28}")
_CODE = re.compile(r"[0-9A-Za-z]{1,10}")
_FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class StaffField(StrEnum):
    """What can be said of somebody; the names are those of `StaffFacts`."""

    FAMILY = "family"
    GIVEN = "given"
    SITE = "site"
    DEPARTMENT = "department"
    FUNCTION = "function"
    PROFESSION_CODE = "profession_code"
    RPPS = "rpps"
    ADELI = "adeli"
    MAILBOX = "mailbox"
    PHONE = "phone"
    IS_PUBLISHED = "is_published"
    EXTERNAL_ID = "external_id"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"

    @property
    def text(self) -> Text:
        return _FIELDS[self]


_FIELDS: Mapping[StaffField, Text] = MappingProxyType(
    {
        StaffField.FAMILY: Text(fr="Nom", en="Family name"),
        StaffField.GIVEN: Text(fr="Prénom", en="Given name"),
        StaffField.SITE: Text(fr="Site", en="Site"),
        StaffField.DEPARTMENT: Text(fr="Service", en="Department"),
        StaffField.FUNCTION: Text(fr="Fonction", en="Function"),
        StaffField.PROFESSION_CODE: Text(fr="Code profession", en="Profession code"),
        StaffField.RPPS: Text(fr="RPPS", en="RPPS"),
        StaffField.ADELI: Text(fr="ADELI", en="ADELI"),
        StaffField.MAILBOX: Text(fr="Messagerie sécurisée", en="Secure mailbox"),
        StaffField.PHONE: Text(fr="Téléphone", en="Phone"),
        StaffField.IS_PUBLISHED: Text(fr="Publié", en="Published"),
        StaffField.EXTERNAL_ID: Text(fr="Matricule", en="Staff number"),
        StaffField.STARTS_ON: Text(fr="Arrivée", en="From"),
        StaffField.ENDS_ON: Text(fr="Départ", en="Until"),
    }
)
_LENGTHS: Mapping[StaffField, int] = MappingProxyType(
    {
        StaffField.FAMILY: 100,
        StaffField.GIVEN: 100,
        StaffField.SITE: 120,
        StaffField.DEPARTMENT: 120,
        StaffField.FUNCTION: 120,
        StaffField.EXTERNAL_ID: 100,
    }
)


class Problem(StrEnum):
    """Why what was said is refused, or taken with a doubt."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    FORMULA = "formula"
    RPPS = "rpps"
    ADELI = "adeli"
    MAILBOX = "mailbox"
    PHONE = "phone"
    PROFESSION_CODE = "profession_code"
    YES_OR_NO = "yes_or_no"
    DATE = "date"
    DATES = "dates"
    REPEATED = "repeated"
    TWO_PEOPLE = "two_people"
    NAMESAKES = "namesakes"
    TOO_MANY_CELLS = "too_many_cells"
    RPPS_TEST_KEY = "rpps_test_key"
    NOT_IN_REGISTER = "not_in_register"
    GONE_FROM_REGISTER = "gone_from_register"
    NAME_DIFFERS = "name_differs"
    PROFESSION_DIFFERS = "profession_differs"
    MAILBOX_DIFFERS = "mailbox_differs"

    @property
    def text(self) -> Text:
        return _SENTENCES[self]


_SENTENCES: Mapping[Problem, Text] = MappingProxyType(
    {
        Problem.MISSING: Text(fr="{field} : il manque.", en="{field}: missing."),
        Problem.TOO_LONG: Text(fr="{field} : plus de {limit} caractères.", en="{field}: over {limit} characters."),
        Problem.CONTROL_CHARACTER: Text(
            fr="{field} : contient un caractère de contrôle.", en="{field}: holds a control character."
        ),
        Problem.FORMULA: Text(
            fr="{field} : la cellule contient une formule. Remplacez-la par sa valeur.",
            en="{field}: the cell holds a formula. Replace it by its value.",
        ),
        Problem.RPPS: Text(
            fr="RPPS : 11 chiffres attendus, avec une clé juste.", en="RPPS: 11 digits with the right key expected."
        ),
        Problem.ADELI: Text(
            fr="ADELI : 9 caractères attendus, avec une clé juste.",
            en="ADELI: 9 characters with the right key expected.",
        ),
        Problem.MAILBOX: Text(
            fr="Messagerie sécurisée : l’adresse est mal formée.", en="Secure mailbox: the address is malformed."
        ),
        Problem.PHONE: Text(fr="Téléphone : le numéro est mal formé.", en="Phone: the number is malformed."),
        Problem.PROFESSION_CODE: Text(
            fr="Code profession : 10 lettres ou chiffres au plus.",
            en="Profession code: 10 letters or digits at most.",
        ),
        Problem.YES_OR_NO: Text(fr="Publié : répondez oui ou non.", en="Published: answer yes or no."),
        Problem.DATE: Text(
            fr="{field} : écrivez la date 31/12/2026 ou 2026-12-31.",
            en="{field}: write the date 31/12/2026 or 2026-12-31.",
        ),
        Problem.DATES: Text(fr="Le départ précède l’arrivée.", en="The last day is before the first."),
        Problem.REPEATED: Text(fr="Répète la ligne {line}.", en="Repeats line {line}."),
        Problem.TWO_PEOPLE: Text(
            fr="Les numéros de la ligne désignent deux personnes différentes de la liste.",
            en="The numbers of the line name two different people of the list.",
        ),
        Problem.NAMESAKES: Text(
            fr="Plusieurs personnes de la liste portent ce nom : ajoutez un RPPS, un ADELI ou un matricule.",
            en="Several people of the list bear this name: add an RPPS, an ADELI or a staff number.",
        ),
        Problem.TOO_MANY_CELLS: Text(
            fr="La ligne a plus de cellules que la première ligne ne nomme de colonnes.",
            en="The line has more cells than the first line names columns.",
        ),
        Problem.RPPS_TEST_KEY: Text(
            fr="RPPS : numéro d’essai, dont la clé est fausse.", en="RPPS: a test number, with a wrong key."
        ),
        Problem.NOT_IN_REGISTER: Text(
            fr="Le numéro n’est pas dans le registre national.", en="The number is not in the national register."
        ),
        Problem.GONE_FROM_REGISTER: Text(
            fr="Cette personne n’est plus dans le registre national.",
            en="This person is no longer in the national register.",
        ),
        Problem.NAME_DIFFERS: Text(
            fr="Le registre national écrit « {register} » pour ce numéro.",
            en="The national register writes “{register}” for this number.",
        ),
        Problem.PROFESSION_DIFFERS: Text(
            fr="Le registre national donne une autre profession : {register}.",
            en="The national register gives another profession: {register}.",
        ),
        Problem.MAILBOX_DIFFERS: Text(
            fr="Le registre national donne une autre adresse : {register}.",
            en="The national register gives another address: {register}.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Remark:
    """One problem with what was said; `params` fill its sentence."""

    problem: Problem
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Facts, unless there are errors: those that are wrong are then as they were before."""

    facts: StaffFacts
    errors: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def parse_facts(said: Mapping[StaffField, str], base: StaffFacts = StaffFacts()) -> Parsed:  # noqa: B008 - frozen
    """`base` with what was said; a field that is not in `said` stays, an empty one is emptied."""
    errors: list[Remark] = []
    warnings: list[Remark] = []
    values: dict[str, object] = {}
    for name, raw in said.items():
        text = " ".join(raw.split())
        if not text.isprintable():
            errors.append(Remark(Problem.CONTROL_CHARACTER, {"field": name.text}))
        elif not text:
            values[name] = _EMPTY[name]
        else:
            value = _read(name, text, warnings)
            if isinstance(value, Remark):
                errors.append(value)
            else:
                values[name] = value
    if not said.get(StaffField.IS_PUBLISHED, "").strip():
        # Nothing ticked and nothing unticked: as it was.
        values.pop(StaffField.IS_PUBLISHED, None)
    facts = replace(base, **values)  # type: ignore[arg-type]
    for name in (StaffField.FAMILY, StaffField.GIVEN):
        if not getattr(facts, name) and not any(remark.params.get("field") == name.text for remark in errors):
            errors.append(Remark(Problem.MISSING, {"field": name.text}))
    if facts.starts_on and facts.ends_on and facts.ends_on < facts.starts_on:
        errors.append(Remark(Problem.DATES))
    return Parsed(facts, tuple(errors), tuple(warnings))


_EMPTY: Mapping[StaffField, object] = MappingProxyType({name: getattr(StaffFacts(), name) for name in StaffField})


def _read(name: StaffField, text: str, warnings: list[Remark]) -> object:
    """The value of a field, or the Remark that refuses it."""
    if name is StaffField.RPPS:
        return _read_rpps(text, warnings)
    if name is StaffField.ADELI:
        return _read_adeli(text)
    if name is StaffField.MAILBOX:
        address = normalise_address(text)
        return address if is_address(address) else Remark(Problem.MAILBOX)
    if name is StaffField.PHONE:
        return text if _PHONE.fullmatch(text) else Remark(Problem.PHONE)
    if name is StaffField.PROFESSION_CODE:
        return text if _CODE.fullmatch(text) else Remark(Problem.PROFESSION_CODE)
    if name is StaffField.IS_PUBLISHED:
        word = fold(text)
        return word in _YES if word in _YES | _NO else Remark(Problem.YES_OR_NO)
    if name in (StaffField.STARTS_ON, StaffField.ENDS_ON):
        return _read_date(text) or Remark(Problem.DATE, {"field": name.text})
    if len(text) > _LENGTHS[name]:
        return Remark(Problem.TOO_LONG, {"field": name.text, "limit": _LENGTHS[name]})
    return text


def _read_rpps(text: str, warnings: list[Remark]) -> str | Remark:
    """Eleven digits; also as PS_IdNat writes them, behind an `8`."""
    number = "".join(text.split())
    if len(number) == 12 and number.startswith(RPPS_PREFIX):
        number = number[1:]
    verdict = check_rpps(number)
    if verdict is NumberVerdict.WRONG_KEY and number.startswith(TEST_RPPS):
        warnings.append(Remark(Problem.RPPS_TEST_KEY))
        return number
    return number if verdict is NumberVerdict.OK else Remark(Problem.RPPS)


def _read_adeli(text: str) -> str | Remark:
    """Nine characters; also as PS_IdNat writes them, behind a `0`."""
    number = "".join(text.split()).upper()
    if len(number) == 10 and number.startswith(ADELI_PREFIX):
        number = number[1:]
    is_right = check_adeli(number) in (NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED)
    return number if is_right else Remark(Problem.ADELI)


def _read_date(text: str) -> date | None:
    try:
        if french := _FRENCH_DATE.fullmatch(text):
            return date(int(french[3]), int(french[2]), int(french[1]))
        return date.fromisoformat(text[:10]) if len(text) in (10, 19) else None
    except ValueError:
        return None


def compare(facts: StaffFacts, practitioner: Practitioner | None) -> tuple[Remark, ...]:
    """How the facts differ from what the register says under the same number; without a number, in nothing."""
    if facts.practitioner_id is None:
        return ()
    if practitioner is None:
        return (Remark(Problem.NOT_IN_REGISTER),)
    remarks = [Remark(Problem.GONE_FROM_REGISTER)] if practitioner.gone_at else []
    known = (fold(practitioner.family), fold(practitioner.given))
    if (fold(facts.family), fold(facts.given)) != known:
        remarks.append(Remark(Problem.NAME_DIFFERS, {"register": f"{practitioner.family} {practitioner.given}"}))
    profession = practitioner.profession
    if facts.profession_code and facts.profession_code != profession.code:
        remarks.append(Remark(Problem.PROFESSION_DIFFERS, {"register": f"{profession.display} ({profession.code})"}))
    if facts.mailbox and practitioner.mailboxes and facts.mailbox not in practitioner.mailboxes:
        remarks.append(Remark(Problem.MAILBOX_DIFFERS, {"register": ", ".join(practitioner.mailboxes)}))
    return tuple(remarks)
