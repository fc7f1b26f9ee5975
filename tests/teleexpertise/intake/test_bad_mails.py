"""What software sends and should not: the patient is found all the same, or the reply says why not.

Each is read from the bytes of a mail, as it comes off the wire.
"""

from base64 import encodebytes
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from miss.mail.inbound.parse import parse_mail
from teleexpertise.intake.mail_reading import MailReading, read_mail
from teleexpertise.questionnaire.registry import FormRegistry
from tests.teleexpertise.office import ANSWERS, END, HEADER

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REGISTRY = FormRegistry.load(files("forms"))
LETTER = HEADER.replace("\nFICTIF\n", "\nFICTIFÉ\n") + ANSWERS + END


def read(body: bytes, *headers: str) -> MailReading:
    head = ("From: a@x.example", "Subject: Avis", "Message-ID: <1@x.example>", *headers)
    raw = "".join(f"{line}\r\n" for line in head).encode() + b"\r\n" + body
    return read_mail(parse_mail(raw), REGISTRY, None, NOW)


def family(reading: MailReading) -> object:
    return reading.answers.get("c.patient.nom")


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("mac-roman", ""),
        ("mac-roman", "iso-8859-1"),
        ("cp1252", "us-ascii"),
        ("utf-8", "iso-8859-1"),
        ("utf-8", "unheard-of"),
        ("iso-8859-1", "utf-8"),
    ],
)
def test_a_charset_that_is_wrongly_declared(charset: str, declared: str) -> None:
    head = [f"Content-Type: text/plain; charset={declared}"] if declared else []
    reading = read(LETTER.replace("\n", "\r\n").encode(charset, "replace"), *head, "Content-Transfer-Encoding: 8bit")
    assert family(reading) == ("FICTIFÉ",)
    assert reading.header_problem is None


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le"])
def test_utf_16(charset: str) -> None:
    head = (f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: base64")
    reading = read(encodebytes(LETTER.encode(charset)).replace(b"\n", b"\r\n"), *head)
    assert family(reading) == ("FICTIFÉ",)


def test_a_header_of_thirteen_lines() -> None:
    lines = HEADER.splitlines()
    thirteen = "\n".join([*lines[:12], " ", *lines[13:]]) + "\n" + ANSWERS + END
    assert family(read(thirteen.encode("latin-1", "replace"))) == ("FICTIF",)


def test_two_patients_in_one_mail() -> None:
    other = LETTER.replace("FICTIFÉ", "AUTRE")
    reading = read((LETTER + "\n" + other).encode("latin-1", "replace"))
    assert family(reading) is None, "nobody is taken for somebody else"
    assert reading.header_problem is not None
    assert reading.header_problem.code == "hprim_several_patients"
    assert "AUTRE" in reading.free_text, "what came is kept"


def test_the_marker_in_free_text_hides_nothing() -> None:
    reading = read((HEADER + "Avant\n****FIN****\nAprès\n" + ANSWERS + END).encode("latin-1", "replace"))
    assert family(reading) == ("FICTIF",)


@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", b"   \r\n", "\u00a0\r\n".encode()])
def test_an_empty_body_is_told_of(body: bytes) -> None:
    reading = read(body)
    assert reading.answers == {}
    assert reading.free_text == ""
    assert reading.header_problem is not None
    assert reading.header_problem.text.fr
