"""The patient of a request: from the HPRIM header of a mail and the `c.patient` items of the form to one identity.

The header fills the items that were left blank; what is written in an item goes before it.  A matricule whose key is
wrong is never guessed at: it is left out of the header's share, and refused in an item.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from miss.base.text import Text
from miss.documents.errors import IdentifierRefused, IdentityIncomplete
from miss.documents.hprim import HprimMessage
from miss.documents.identities import (
    InsOid,
    InsStatus,
    Matricule,
    NumberVerdict,
    PatientIdentity,
    Sex,
    is_temporary,
    parse_matricule,
)
from teleexpertise.questionnaire.model import Answers, AnswerValue, Coding, Problem

FAMILY, GIVEN, BIRTH = "c.patient.nom", "c.patient.prenoms", "c.patient.naissance"
SEX, PLACE, MATRICULE, STATUS = "c.patient.sexe", "c.patient.lieu", "c.patient.matricule", "c.patient.statut"

STATUSES: Mapping[str, InsStatus] = {
    "provisoire": InsStatus.PROVISOIRE,
    "recuperee": InsStatus.RECUPEREE,
    "validee": InsStatus.VALIDEE,
    "qualifiee": InsStatus.QUALIFIEE,
}
_ITEM_OF_FIELD: Mapping[str, str] = {
    "birth_family_name": FAMILY,
    "birth_given_names": GIVEN,
    "birth_place_code": PLACE,
    "matricule": MATRICULE,
    "oid": MATRICULE,
    "sex": SEX,
}
_REFUSED = Text(
    fr="Identité du patient ({item}) : la valeur est refusée. Vérifiez chaque caractère (clé du matricule, code INSEE "
    "du lieu à 5 caractères) ; une identité qualifiée demande le matricule, le sexe et le lieu de naissance.",
    en="Patient’s identity ({item}): the value is refused. Check every character (key of the matricule, INSEE code of "
    "the birth place in 5 characters); a qualified identity needs matricule, sex and birth place.",
)


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where the patient lives, as the header says; no item asks for it."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    town: str = ""


class PatientRefused(Exception):
    """The items do not make an identity; `problem` names the item, never its value."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def answers_of_header(header: HprimMessage) -> dict[str, tuple[AnswerValue, ...]]:
    """What an HPRIM header answers to the `c.patient` items."""
    answers: dict[str, tuple[AnswerValue, ...]] = {}
    if header.family_name:
        answers[FAMILY] = (header.family_name,)
    if header.given_name:
        answers[GIVEN] = (header.given_name,)
    if header.birth_date is not None:
        answers[BIRTH] = (header.birth_date,)
    if header.nir and header.nir_verdict is NumberVerdict.OK:
        answers[MATRICULE] = (header.nir,)
        # The first digit of a NIR tells the sex: 1 and 3 for men, 2 and 4 for women (7 and 8 while temporary).
        answers[SEX] = (Coding("M" if header.nir[0] in "137" else "F"),)
    return answers


def lines_of_header(header: HprimMessage) -> tuple[str, ...]:
    """The same as labelled lines, for a draft that names no form yet: they are read with the rest once it does."""
    return tuple(f"{link_id} : {_as_words(values[0])}" for link_id, values in answers_of_header(header).items())


def address_of_header(header: HprimMessage) -> Address:
    """Lines 4 to 6 of the header."""
    return Address(tuple(line for line in header.address_lines if line), header.postcode, header.town)


def find_identity(answers: Answers, address: Address) -> PatientIdentity | None:
    """The identity that the `c.patient` items make; None while a required one is blank (`check` names it).

    Raises PatientRefused.
    """
    family, given, birth = (_first(answers, item) for item in (FAMILY, GIVEN, BIRTH))
    if not isinstance(family, str) or not isinstance(given, str) or not isinstance(birth, date):
        return None
    sex, place, number, status = (_first(answers, item) for item in (SEX, PLACE, MATRICULE, STATUS))
    try:
        matricule = parse_matricule(number) if isinstance(number, str) else None
        return PatientIdentity(
            birth_family_name=family,
            birth_given_names=(given,),
            birth_date=birth,
            sex=Sex(sex.code) if isinstance(sex, Coding) else None,
            birth_place_code=place.strip().upper() if isinstance(place, str) else None,
            matricule=matricule,
            oid=_oid(matricule),
            status=STATUSES[status.code] if isinstance(status, Coding) else InsStatus.PROVISOIRE,
            address_lines=address.lines,
            postcode=address.postcode,
            town=address.town,
        )
    except (IdentityIncomplete, IdentifierRefused) as error:
        item = _ITEM_OF_FIELD.get(str(error.params.get("field")), FAMILY)
        text = Text(_REFUSED.fr.format(item=item), _REFUSED.en.format(item=item))
        raise PatientRefused(Problem(item, error.code, text)) from None


def _as_words(value: AnswerValue) -> str:
    match value:
        case Coding():
            return value.code
        case date():
            return f"{value.day:02}/{value.month:02}/{value.year:04}"
        case _:
            return str(value)


def _oid(matricule: Matricule | None) -> InsOid | None:
    if matricule is None:
        return None
    return InsOid.NIA if is_temporary(matricule) else InsOid.NIR


def _first(answers: Answers, link_id: str) -> AnswerValue | None:
    return next(iter(answers.get(link_id, ())), None)
