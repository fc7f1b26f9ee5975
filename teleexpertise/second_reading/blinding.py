"""A request without anybody's identity, for a reader who is to judge the case alone.  Pure.

The patient's traits are left out but for age and sex; in free text the names of the patient, the requester and the
first expert, birth dates, long numbers, addresses of mail and telephone are replaced.  Photographs lose their names
(their metadata went when they arrived); documents are withheld, since nobody can blind a PDF.
A common word that is also a name is replaced too: rather one word too many.  Names misspelt, and faces, stay.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from miss.directory.practitioners import Practitioner
from miss.documents.identities import PatientIdentity
from teleexpertise.attachments.service import JPEG
from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.model import Answers, AnswerValue, AttachmentRef, Quantity, QuestionnaireResponse

IDENTITY_ITEMS = "c.patient."
OBJECTION_ITEM = "c.opposition"
SEX_ITEM = "c.patient.sexe"
PATIENT, REQUESTER, EXPERT = "[patient]", "[demandeur]", "[expert]"
NUMBER, CONTACT, BIRTH_DATE = "[numéro]", "[coordonnées]", "[date de naissance]"

_SHORTEST_NAME = 2
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_PHONE = re.compile(r"(?<!\d)(?:\+33|0033|0)[ .\-]?[1-9](?:[ .\-]?\d{2}){4}(?!\d)")
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ .]?[\dABab]){9,}(?!\d)")
_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})(?!\d)")
_WORDED_DATE = re.compile(r"(?<!\d)(\d{1,2})(?:er)?\s+([^\W\d_]+\.?)\s+(\d{4}|\d{2})(?!\d)")
_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
    "decembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Redaction:
    """What is replaced in free text."""

    names: dict[str, str] = field(default_factory=dict)
    """Folded word → what stands in its place."""
    birth_date: date | None = None

    def of(self, text: str) -> str:
        """The text without these names, dates, numbers and addresses."""
        text = _MAIL.sub(CONTACT, text)
        text = _NUMERIC_DATE.sub(self._numeric, text)
        text = _WORDED_DATE.sub(self._worded, text)
        text = _PHONE.sub(CONTACT, text)
        text = _LONG_NUMBER.sub(NUMBER, text)
        return _WORD.sub(lambda word: self.names.get(fold(word[0]), word[0]), text)

    def _numeric(self, found: re.Match[str]) -> str:
        parts = [int(part) for part in found.groups()]
        orders = ((parts[0], parts[1], parts[2]), (parts[2], parts[1], parts[0]))
        return BIRTH_DATE if any(self._is_birth(*order) for order in orders) else found[0]

    def _worded(self, found: re.Match[str]) -> str:
        word = fold(found[2]).rstrip(".")
        months = [number for number, name in enumerate(_MONTHS, start=1) if len(word) > 2 and name.startswith(word)]
        return BIRTH_DATE if any(self._is_birth(int(found[1]), month, int(found[3])) for month in months) else found[0]

    def _is_birth(self, day: int, month: int, year: int) -> bool:
        born = self.birth_date
        return born is not None and (day, month) == (born.day, born.month) and year in {born.year, born.year % 100}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Blinded:
    """What the second reader sees."""

    response: QuestionnaireResponse
    age: int | None
    photos: tuple[AttachmentRef, ...]
    """The true references, by rank from 1: pages name the rank alone."""
    withheld: int
    """Documents that are not shown."""


def redaction(
    patient: PatientIdentity | None, requester: Practitioner | None, experts: Iterable[Practitioner] = ()
) -> Redaction:
    """Whose names go, the patient's before the others'."""
    names: dict[str, str] = {}
    for expert in experts:
        names |= _words(EXPERT, expert.family, expert.given)
    if requester is not None:
        places = [role.organization.name for role in requester.roles if role.organization]
        names |= _words(REQUESTER, requester.family, requester.given)
        names |= {word: REQUESTER for place in places for word in _words(REQUESTER, place) if len(word) > 4}
    if patient is not None:
        used = (patient.used_family_name or "", patient.used_given_name or "")
        names |= _words(PATIENT, patient.birth_family_name, *patient.birth_given_names, *used, patient.town)
    return Redaction(names, patient.birth_date if patient else None)


def blind(
    response: QuestionnaireResponse, loose: Sequence[AttachmentRef], hides: Redaction, birth: date | None, today: date
) -> Blinded:
    """The copy of a request's answers; `loose`: its other files."""
    kept = {
        link_id: values
        for link_id, values in response.answers.items()
        if link_id == SEX_ITEM or not (link_id.startswith(IDENTITY_ITEMS) or link_id == OBJECTION_ITEM)
    }
    in_answers = [value for values in kept.values() for value in values if isinstance(value, AttachmentRef)]
    files = [*in_answers, *loose]
    photos = tuple(file for file in files if file.mime == JPEG)
    ranks = {file.ref: rank for rank, file in enumerate(photos, start=1)}
    answers: dict[str, tuple[AnswerValue, ...]] = {}
    for link_id, values in kept.items():
        shown = tuple(kept_ for value in values if (kept_ := _blinded(value, hides, ranks)) is not None)
        if shown:
            answers[link_id] = shown
    blinded = QuestionnaireResponse(response.questionnaire, answers)
    return Blinded(response=blinded, age=_age(birth, today), photos=photos, withheld=len(files) - len(photos))


def blind_answers(answers: Answers, hides: Redaction) -> Answers:
    """Other answers of the same request, such as a clarification's, without files."""
    return {
        link_id: shown
        for link_id, values in answers.items()
        if not link_id.startswith(IDENTITY_ITEMS) and link_id != OBJECTION_ITEM
        if (shown := tuple(value for one in values if (value := _blinded(one, hides, {})) is not None))
    }


def _blinded(value: AnswerValue, hides: Redaction, ranks: dict[str, int]) -> AnswerValue | None:
    match value:
        case str():
            return hides.of(value)
        case Quantity():
            return replace(value, unit=hides.of(value.unit))
        case AttachmentRef():
            rank = ranks.get(value.ref)
            return AttachmentRef(f"photo {rank}", value.mime, value.size_bytes, str(rank)) if rank else None
        case _:
            return value


def _words(instead: str, *names: str) -> dict[str, str]:
    found = (fold(word) for name in names for part in re.split(r"[\s\-]+", name) for word in _WORD.findall(part))
    return {word: instead for word in found if len(word) >= _SHORTEST_NAME}


def _age(birth: date | None, today: date) -> int | None:
    if birth is None:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
