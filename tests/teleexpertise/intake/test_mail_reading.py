"""What one mail is read as."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.mail.addresses import MailAddress, Mailbox
from miss.mail.inbound import Attachment, InboundMail
from teleexpertise.intake.mail_reading import MailReading, asked_template, names_form, own_words, read_mail
from teleexpertise.questionnaire.model import AttachmentRef, Coding
from teleexpertise.questionnaire.registry import FormRegistry
from tests.teleexpertise.office import ANSWERS, END, HEADER

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REGISTRY = FormRegistry.load(files("forms"))
MAIL = InboundMail(
    message_id="<a@x.example>",
    in_reply_to="",
    references=(),
    sender=Mailbox(MailAddress("paul", "x.example")),
    to=(),
    subject="Avis",
    date=NOW,
    text=HEADER + ANSWERS + END,
    attachments=(),
)
UNNAMED = HEADER + ANSWERS.replace("Formulaire : dermatologie\n", "") + END


def read(**changes: object) -> MailReading:
    return read_mail(replace(MAIL, **changes), REGISTRY, None, NOW)  # type: ignore[arg-type]


def form_id(reading: MailReading) -> str:
    return reading.form.id if reading.form else ""


def test_the_form_is_named_by_a_line_under_the_header_or_above_it() -> None:
    above = "Formulaire : cardiologie\n" + UNNAMED
    assert form_id(read()) == "dermatologie"
    reading = read(text=above)
    assert form_id(reading) == "cardiologie"
    assert reading.answers["c.patient.nom"] == ("FICTIF",), "the line above does not shift the header"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Demande d'avis DERMATO", "dermatologie"),
        ("Avis ophtalmologique svp", "ophtalmologie"),
        ("plaie du pied", "plaies"),
        ("bonjour", ""),
        ("dermato ou cardio ?", ""),
    ],
)
def test_without_a_line_the_subject_tells_if_it_tells_one(subject: str, expected: str) -> None:
    assert form_id(read(subject=subject, text=UNNAMED)) == expected


def test_an_unknown_form_is_none_whatever_the_subject_says() -> None:
    named = (HEADER + ANSWERS + END).replace("dermatologie", "astrologie")
    assert form_id(read(subject="Dermatologie", text=named)) == ""


def test_header_answers_and_free_words_are_told_apart() -> None:
    reading = read(text=(HEADER + ANSWERS + END).replace("d.alerte", "Cher confrère,\nd.alerte"))
    assert reading.answers["d.type"] == (Coding("pigmentee"),)
    assert reading.answers["c.patient.naissance"] == (date(1985, 7, 14),)
    assert reading.address is not None
    assert reading.address.town == "DUNKERQUE"
    assert "Cher confrère," in reading.free_text
    assert "pigmentée" not in reading.free_text


def test_a_header_in_an_attached_file_serves_too() -> None:
    attached = Attachment("lettre.hpr", "application/octet-stream", (HEADER + "\n" + END).encode("iso-8859-1"))
    reading = read(text=ANSWERS, attachments=(attached,))
    assert reading.answers["c.patient.nom"] == ("FICTIF",)
    assert reading.answers["d.type"] == (Coding("pigmentee"),)
    assert reading.files == (), "the letter is no photograph"


def test_without_a_form_the_header_is_kept_as_lines_to_be_read_later() -> None:
    reading = read(subject="?", text=UNNAMED)
    assert "c.patient.nom : FICTIF" in reading.free_text
    assert "d.type : Lésion pigmentée" in reading.free_text


def test_a_file_reference_of_somebody_else_s_json_is_never_taken_for_ours() -> None:
    file = {"contentType": "image/jpeg", "url": "01a1f82f-2009-79e2-8e1f-593f7415348c-1", "title": "zoom.jpg"}
    document = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": REGISTRY.published("dermatologie").canonical,
        "status": "completed",
        "item": [{"linkId": "d.photo.proche", "answer": [{"valueAttachment": file}]}],
    }
    attached = (
        Attachment("r.json", "application/json", json.dumps(document).encode()),
        Attachment("zoom.jpg", "image/jpeg", b"..."),
    )
    reading = read(attachments=attached)
    values = [value for answers in reading.answers.values() for value in answers]
    assert not any(isinstance(value, AttachmentRef) for value in values)
    [only] = reading.files
    assert only.link_id == "d.photo.proche", "but its name tells which file it meant"


def test_quotes_are_not_the_sender_s_own_words() -> None:
    mail = replace(MAIL, text="Oui.\n> Formulaire : dermatologie\n> d.alerte : non")
    assert own_words(mail) == "Oui."
    assert not names_form(mail)
    assert names_form(MAIL)


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        ("modèle dermatologie", "dermatologie"),
        ("Modele : Cardiologie", "Cardiologie"),
        ("Re: modèle", ""),
        ("Avis dermatologie", None),
        ("modèles d'organisation et avis", "d'organisation et avis"),
    ],
)
def test_a_template_is_asked_for_by_the_subject(subject: str, wanted: str | None) -> None:
    assert asked_template(replace(MAIL, subject=subject)) == wanted


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=600), st.text(max_size=80), st.binary(max_size=200))
def test_any_mail_is_read_without_a_crash(text: str, subject: str, content: bytes) -> None:
    reading = read(text=text, subject=subject, attachments=(Attachment("r.json", "application/json", content),))
    assert isinstance(reading, MailReading)
