"""The request as a document, and the mail by which one's own software files it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from miss.directory.practitioners import AcceptedFormat
from miss.documents.cda import check_cda, parse_cda
from miss.documents.hprim import parse_hprim_text
from miss.documents.identities import InsOid, InsStatus, Matricule
from miss.documents.letter import document_id
from miss.documents.mssante import read_subject
from miss.documents.xdm import parse_archive
from miss.mail.letters import Beside, compose_pdf, compose_xdm
from teleexpertise.letters.request import AddedWord, Asked, compose_request_letter, copy_mail, is_in_document
from tests.miss.documents.structured import PAUL as PARTY
from tests.teleexpertise.letters.test_answer import ANNE, NOW, PATIENT, PLATFORM

UNQUALIFIED = replace(
    PATIENT, matricule=Matricule("185075918304224"), oid=InsOid.NIR, status=InsStatus.VALIDEE, birth_place_code="59183"
)
ASKED = Asked(
    number="TE26000417",
    form_title="Dermatologie",
    patient=UNQUALIFIED,
    requester=PARTY,
    service="Téléexpertise MiSS",
    root="1.2.250.1.213.1.1.1.39999",
    asked_at=NOW,
    sections=[("Votre demande", ["Question précise à l'expert : Faut-il l’ôter ?"])],
    treatments="PLAVIX 75 mg\n\n Paracétamol ",
    free_text="Vu avec sa fille.",
    page="https://miss.example/teleexpertise/demandes/TE26000417",
)
LATER = NOW + timedelta(hours=2)
QUESTION = AddedWord(NOW + timedelta(hours=1), True, ["Depuis quand ?"])
REPLY = AddedWord(LATER, False, ["", "Depuis le printemps."])


def beside(*formats: AcceptedFormat) -> Beside:
    return Beside(formats=frozenset(formats), made_at=NOW, source_id="1.2.3")


def test_the_structured_document_is_sound_and_says_all() -> None:
    letter = compose_request_letter(ASKED)
    archive = parse_archive(compose_xdm(letter, b"", beside()).content)
    assert archive.findings == ()
    (document,) = archive.documents
    assert check_cda(document.content) == ()
    read = parse_cda(document.content)
    assert (read.code.code, document.entry.class_ and document.entry.class_.code) == ("75496-0", "10")
    told = "\n".join(line for section in read.sections for line in section.paragraphs)
    for words in ("Faut-il l’ôter ?", "Vu avec sa fille.", "PLAVIX 75 mg", "Paracétamol"):
        assert words in told
    assert b"185075918304224" not in document.content


def test_a_later_word_is_a_version_that_replaces_the_one_before() -> None:
    first, second = compose_request_letter(ASKED), compose_request_letter(replace(ASKED, added=[QUESTION, REPLY]))
    assert (first.version, first.replaces) == (1, "")
    assert (second.version, second.replaces) == (2, document_id("TE26000417", 1))
    assert second.written_at == LATER
    assert second.service_start == NOW
    assert [section.heading.split(",")[0] for section in second.sections[-2:]] == [
        "Question de l’expert",
        "Complément du demandeur",
    ]
    assert second.sections[-1].paragraphs == ("Depuis le printemps.",)
    (document,) = parse_archive(compose_xdm(second, b"", beside()).content).documents
    assert document.entry.replaces


@pytest.mark.parametrize(
    ("link_id", "stands"),
    [("c.patient.matricule", False), ("c.opposition", False), ("c.ttt", False), ("c.question", True), ("x", True)],
)
def test_identity_and_objections_stay_out_of_the_text(link_id: str, stands: bool) -> None:
    assert is_in_document(link_id) is stands


def test_the_copy_is_filed_as_the_reader_s_software_files() -> None:
    letter = compose_request_letter(ASKED)
    text = copy_mail(PLATFORM, ANNE, letter, beside(AcceptedFormat.HPRIM_TEXT), reference="1-x").mail
    record = parse_hprim_text(text.text)
    assert (record.family_name, record.number, record.sender_name) == ("FICTIF", "TE26000417", "Dr Paul EXEMPLE")
    assert "Traitements en cours\r\nPLAVIX 75 mg" in text.text
    assert text.attachments == ()
    assert "FICTIF" not in text.subject

    whole = copy_mail(PLATFORM, ANNE, letter, beside(*AcceptedFormat), reference="1-x").mail
    assert [one.name for one in whole.attachments] == [
        "IHE_XDM.ZIP",
        "20261120_Demande-d-acte-de-telemedecine_FICTIF_BASTIEN_TE26000417.pdf",
    ]
    subject = read_subject(whole.subject)
    assert subject is not None
    assert subject.shown == "Demande d'acte de télémédecine FICTIF BASTIEN 14/07/1985"
    assert ("X-MSS-CODECDA", "75496-0") in whole.x_headers
    assert ("X-MSS-INS", "N") in whole.x_headers
    assert whole.message_id == text.message_id == "<te26000417.copy-1-x@miss.example>"


def test_a_requester_without_a_place_of_practice_leaves_without_the_archive() -> None:
    letter = compose_request_letter(replace(ASKED, requester=replace(PARTY, siret="")))
    composed = copy_mail(PLATFORM, ANNE, letter, beside(*AcceptedFormat), reference="1-x")
    assert composed.lacks == "sender.finess"
    assert [one.mime_type for one in composed.mail.attachments] == ["application/pdf"]


def test_the_pdf_bears_the_treatments_once() -> None:
    assert compose_pdf(compose_request_letter(ASKED), beside()).content.startswith(b"%PDF-1.")
