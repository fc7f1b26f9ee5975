"""What can be said of a patient's identity while it is typed: the key of the matricule, and what does not go together.

Notes help whoever types; only `requests.patient` decides whether an identity is taken.  A matricule that disagrees with
a trait is a warning: people change their civil status, registers hold errors, and the person in front knows better.
Nothing is guessed, no key is offered, and nothing here asks a teleservice.

Source: INSEE (make-up of the NIR), RNIV (traits, status, which matricule may travel), table of the INS's OIDs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from miss.base.text import Text
from miss.documents.identities import (
    InsOid,
    InsStatus,
    Matricule,
    NumberVerdict,
    check_matricule,
    is_temporary,
)
from teleexpertise.questionnaire.model import Answers, AnswerValue, Coding
from teleexpertise.requests.patient import BIRTH, MATRICULE, PLACE, SEX, STATUS, STATUSES

_SEX = {"1": "M", "3": "M", "7": "M", "2": "F", "4": "F", "8": "F"}
_PLACE_OF_ALGERIA_AND_OLD_CORSICA = {"20", "91", "92", "93", "94", "95"}
"""Departments whose numbers were others before 1968 and 1976: the place in an old number proves nothing."""


class Tone(StrEnum):
    """How a note is said."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    """It cannot be sent like this."""


@dataclass(frozen=True, slots=True)
class Note:
    """One remark at one question."""

    link_id: str
    tone: Tone
    text: Text


_VERDICTS = {
    NumberVerdict.MALFORMED: Text(
        fr="Le matricule INS compte 15 caractères, clé comprise ; vous en avez écrit {count}. Exemple de forme : "
        "1 85 07 59 183 042 24.",
        en="The INS matricule has 15 characters, its key included; you wrote {count}. It looks like "
        "1 85 07 59 183 042 24.",
    ),
    NumberVerdict.WRONG_MONTH: Text(
        fr="Le mois de naissance du matricule (caractères 4 et 5) n’existe pas : relisez le numéro.",
        en="The month of birth in the matricule (characters 4 and 5) does not exist: read the number again.",
    ),
    NumberVerdict.WRONG_KEY: Text(
        fr="La clé (les deux derniers chiffres) ne correspond pas au numéro : un caractère est faux. Relisez-le.",
        en="The key (the last two digits) does not fit the number: one character is wrong. Read it again.",
    ),
}
_TAKEN = Text(
    fr="Clé exacte. INS-{kind}, OID {oid}.{travels}",
    en="The key is right. INS-{kind}, OID {oid}.{travels}",
)
_STAYS = Text(
    fr=" Il n’accompagnera la demande que si l’identité est qualifiée (RNIV) ; sinon, les traits seuls partent.",
    en=" It goes with the request only if the identity is qualified (RNIV); otherwise the traits go alone.",
)
_SEX_DIFFERS = Text(
    fr="Le matricule et le sexe ne vont pas ensemble : vérifiez qu’il s’agit bien de ce patient.",
    en="The matricule and the sex do not go together: check that this is the right patient.",
)
_BIRTH_DIFFERS = Text(
    fr="Le matricule et la date de naissance ne vont pas ensemble : vérifiez qu’il s’agit bien de ce patient.",
    en="The matricule and the date of birth do not go together: check that this is the right patient.",
)
_PLACE_DIFFERS = Text(
    fr="Le matricule dit un autre lieu de naissance que ce code INSEE : vérifiez les deux.",
    en="The matricule tells another place of birth than this INSEE code: check both.",
)
_QUALIFIED_LACKS = Text(
    fr="Une identité qualifiée demande le matricule, le sexe et le lieu de naissance.",
    en="A qualified identity needs the matricule, the sex and the place of birth.",
)


def notes_on_identity(answers: Answers) -> tuple[Note, ...]:
    """Remarks on the `c.patient` items, at most one a question."""
    notes: dict[str, Note] = {}
    for note in _notes(answers):
        notes.setdefault(note.link_id, note)
    return tuple(notes.values())


def _notes(answers: Answers) -> Iterator[Note]:
    number, status = _first(answers, MATRICULE), _first(answers, STATUS)
    qualified = isinstance(status, Coding) and STATUSES.get(status.code) is InsStatus.QUALIFIEE
    if qualified and not all(answers.get(item) for item in (MATRICULE, SEX, PLACE)):
        yield Note(STATUS, Tone.ERROR, _QUALIFIED_LACKS)
    if not isinstance(number, str):
        return
    bare = "".join(number.split()).upper()
    verdict = check_matricule(bare)
    if verdict in _VERDICTS:
        text = _VERDICTS[verdict]
        yield Note(MATRICULE, Tone.ERROR, Text(text.fr.format(count=len(bare)), text.en.format(count=len(bare))))
        return
    yield from _disagreements(bare, answers)
    yield Note(MATRICULE, Tone.OK, _taken(Matricule(bare), travels=qualified))


def _disagreements(number: str, answers: Answers) -> Iterator[Note]:
    sex, birth, place = (_first(answers, item) for item in (SEX, BIRTH, PLACE))
    if isinstance(sex, Coding) and sex.code in {"M", "F"} and sex.code != _SEX[number[0]]:
        yield Note(SEX, Tone.WARNING, _SEX_DIFFERS)
    month = int(number[3:5])
    if isinstance(birth, date):
        is_other_month = month <= 12 and month != birth.month
        if is_other_month or int(number[1:3]) != birth.year % 100:
            yield Note(BIRTH, Tone.WARNING, _BIRTH_DIFFERS)
    if (
        isinstance(place, str)
        and number[5:7] not in _PLACE_OF_ALGERIA_AND_OLD_CORSICA
        and place.strip().upper() != number[5:10]
    ):
        yield Note(PLACE, Tone.WARNING, _PLACE_DIFFERS)


def _taken(number: Matricule, *, travels: bool) -> Text:
    oid = InsOid.NIA if is_temporary(number) else InsOid.NIR
    french, english = ("", "") if travels else (_STAYS.fr, _STAYS.en)
    return Text(
        _TAKEN.fr.format(kind=oid.name, oid=oid.value, travels=french),
        _TAKEN.en.format(kind=oid.name, oid=oid.value, travels=english),
    )


def _first(answers: Answers, link_id: str) -> AnswerValue | None:
    return next(iter(answers.get(link_id, ())), None)
