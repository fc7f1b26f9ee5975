"""More readers of what somebody else wrote: forms and what is answered to them, and the national register's files."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from miss.directory.register.activities import ActivityReader
from miss.directory.register.errors import ExtractionUnreadable
from miss.directory.register.extraction import Extraction
from miss.directory.register.mailboxes import read_claims
from miss.directory.register.remarks import Findings
from teleexpertise.probing.form import load_form
from teleexpertise.questionnaire.errors import FormUnreadable, ResponseUnreadable
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.questionnaire.parse import parse_questionnaire, parse_response
from teleexpertise.questionnaire.parse_text import parse_labelled_answers
from tests.fuzz.targets import TARGETS, Target, as_text

ROOT: Final = Path(__file__).parents[2]
FORM: Final = (ROOT / "teleexpertise/probing/form.json").read_bytes()
SPECIALTY: Final = json.dumps(json.loads((ROOT / "forms/dermatologie/1.0.0.json").read_bytes())).encode()
"""A form with every kind of item that there is."""
RESPONSE: Final = (
    b'{"resourceType": "QuestionnaireResponse", "questionnaire": "https://a.example/q|1.0.0", "status": "completed", '
    b'"item": [{"linkId": "g", "item": [{"linkId": "a", "answer": [{"valueCoding": {"code": "x"}}]}, '
    b'{"linkId": "b", "answer": [{"valueDate": "2026-11-23"}]}]}]}'
)
ANSWERED: Final = json.dumps(
    {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://a.example/q|1.0.0",
        "status": "in-progress",
        "authored": "2026-11-23T10:00:00+01:00",
        "item": [
            {"linkId": str(rank), "answer": [value]}
            for rank, value in enumerate(
                (
                    {"valueBoolean": True},
                    {"valueInteger": 3},
                    {"valueDecimal": 1.5},
                    {"valueDate": "2026-11-23"},
                    {"valueDateTime": "2026-11-23T10:00:00+01:00"},
                    {"valueString": "é"},
                    {"valueQuantity": {"value": 3.5, "unit": "mm"}},
                    {"valueAttachment": {"url": "a", "contentType": "image/jpeg", "size": 9, "title": "a.jpg"}},
                )
            )
        ],
    }
).encode()
LETTER: Final = b"z.sonde : oui\r\nsuite\r\n"
REQUEST: Final = (
    "Formulaire : dermatologie\r\nd.alerte : non\r\nc.delai : 72 h\r\nc.question : Faut-il la retirer ?\r\nsuite\r\n"
    "c.terrain : Aucun\r\nd.type : Lésion pigmentée\r\nd.siege : Tronc ; Visage\r\nd.debut : 1-6 mois\r\n"
    "d.diametre : 7,5\r\nd.abcde : Aucun\r\n\r\nBien à vous\r\n"
).encode()


def _lines(name: str, count: int) -> bytes:
    """The header and the first lines of a fictive extraction."""
    return b"".join((ROOT / "miss/directory/sample" / name).read_bytes().splitlines(keepends=True)[: count + 1])


@cache
def _specialty() -> Questionnaire:
    return parse_questionnaire(SPECIALTY)


def _read_activities(data: bytes) -> int:
    reader = ActivityReader(Extraction(_chunks(data), Findings()), known_words=set(), is_test=True)
    return sum(len(batch.roles) for batch in reader.read(100))


def _read_mailboxes(data: bytes) -> int:
    return sum(1 for _ in read_claims(Extraction(_chunks(data), Findings())))


def _chunks(data: bytes) -> Iterator[bytes]:
    """As they come from a file, not where lines end."""
    return (data[at : at + 97] for at in range(0, len(data), 97))


SHEETS: Final = (
    Target("form", parse_questionnaire, (FORM, SPECIALTY), (FormUnreadable,), amplification=200, calls_a_byte=20),
    Target(
        "response to a form",
        parse_response,
        (RESPONSE, ANSWERED),
        (ResponseUnreadable,),
        amplification=200,
        calls_a_byte=20,
    ),
    Target(
        "answers in a mail",
        as_text(lambda text: parse_labelled_answers(load_form(), text)),
        (LETTER,),
        (),
        amplification=120,
        calls_a_byte=60,
    ),
    Target(
        "answers to a specialty's form in a mail",
        as_text(lambda text: parse_labelled_answers(_specialty(), text)),
        (REQUEST,),
        (),
        amplification=400,
        calls_a_byte=400,
        base_calls=35_000,
    ),
    Target(
        "register",
        _read_activities,
        (_lines("personne_activite.txt", 3), _lines("personne_activite.txt", 40)),
        (ExtractionUnreadable,),
        amplification=60,
        calls_a_byte=30,
    ),
    Target(
        "register of mailboxes",
        _read_mailboxes,
        (_lines("correspondance_mssante.txt", 3), _lines("correspondance_mssante.txt", 40)),
        (ExtractionUnreadable,),
        amplification=60,
        calls_a_byte=30,
    ),
)
EVERY: Final = (*TARGETS, *SHEETS)
