"""Rules of sendings: who may see one, until when, what its words may say, how images travel."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import PractitionerId
from miss.directory.practitioners.model import AcceptedFormat
from miss.documents.hprim import parse_hprim_text
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.images.errors import (
    ImagesMissing,
    ImagesTooMany,
    PatientIncomplete,
    SubjectMissing,
    SubjectNamesPatient,
    WordsTooLong,
)
from miss.mail.images.letter import Envelope, compose_attached_mail, compose_link_mail
from miss.mail.images.model import (
    LARGE_MAIL_BYTES,
    Sending,
    State,
    Way,
    choose_way,
    mail_bytes,
    pack_words,
    read_words,
    require_count,
    unpack_words,
)
from miss.mail.outbound.compose import compose_mail

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANNE, PAUL, MARC = PractitionerId("899900000011"), PractitionerId("899900000029"), PractitionerId("899900000037")
ALL = frozenset(AcceptedFormat)
PAGE = "https://miss.example/images/01a1f82f-213e-772e-801d-8ad71eb78e58"


def sending(state: State, way: Way = Way.LINK) -> Sending:
    return Sending(
        id="01a1f82f-213e-772e-801d-8ad71eb78e58",
        sender_id=ANNE,
        recipient_id=PAUL,
        reader_id=PAUL,
        images=2,
        size_bytes=10,
        state=state,
        way=way,
        created_at=NOW,
        sent_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def envelope(successor: str = "") -> Envelope:
    return Envelope(
        message_id="<01a1.images@miss.example>",
        platform=Mailbox(parse_address("miss@miss.example"), "MiSS"),
        sender="Dr Anne MODELE",
        author=ANNE,
        reply_to=Mailbox(parse_address("anne@medecin.example")),
        to=Mailbox(parse_address("paul@medecin.example")),
        recipient="Dr Paul EXEMPLE",
        successor=successor,
        reference="IM1EB78E58",
    )


def test_only_whom_it_was_sent_to_sees_it_and_only_in_its_time() -> None:
    sent, last = sending(State.SENT), NOW + timedelta(days=30) - timedelta(seconds=1)
    assert sent.is_open_to(PAUL, last)
    assert not sent.is_open_to(PAUL, last + timedelta(seconds=1))
    assert not sent.is_open_to(ANNE, NOW)
    assert not sent.is_open_to(MARC, NOW)
    for state in (State.DRAFT, State.WITHDRAWN, State.EXPIRED):
        assert not sending(state).is_open_to(PAUL, NOW), state
    assert not sending(State.SENT, Way.ATTACHED).is_open_to(PAUL, NOW)


def test_the_sender_sees_drafts_and_what_still_stands() -> None:
    assert sending(State.DRAFT).is_shown_to_sender(ANNE, NOW)
    assert sending(State.SENT).is_shown_to_sender(ANNE, NOW)
    assert not sending(State.DRAFT).is_shown_to_sender(PAUL, NOW)
    assert not sending(State.WITHDRAWN).is_shown_to_sender(ANNE, NOW)
    assert not sending(State.SENT).is_shown_to_sender(ANNE, NOW + timedelta(days=30))
    assert sending(State.SENT).state_at(NOW + timedelta(days=30)) is State.EXPIRED
    assert sending(State.SENT, Way.ATTACHED).state_at(NOW + timedelta(days=30)) is State.SENT


@pytest.mark.parametrize(
    ("subject", "family", "refusal"),
    [
        ("  ", "", SubjectMissing),
        ("Nævus de Mme Fictif", "FICTIF", SubjectNamesPatient),
        ("DE L'HÔPITAL, dos", "de l’hopital", SubjectNamesPatient),
        ("x" * 121, "", WordsTooLong),
    ],
)
def test_subjects_that_are_refused(subject: str, family: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_words(subject, "", family, "Bastien" if family else "", "1985-07-14" if family else "")


@pytest.mark.parametrize("traits", [("FICTIF", "", ""), ("", "Bastien", "1985-07-14"), ("FICTIF", "Bastien", "14/07")])
def test_a_patient_is_named_whole_or_not_at_all(traits: tuple[str, str, str]) -> None:
    with pytest.raises(PatientIncomplete):
        read_words("Lésion du dos", "", *traits)


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=20)


@given(st.text(max_size=60), NAMES, NAMES, st.dates())
def test_words_come_back_as_they_were_sealed(text: str, family: str, given_name: str, born: date) -> None:
    plain = read_words("Lésion", text, "", "", "")
    assert unpack_words(pack_words(plain)) == plain
    named = read_words("12 34", text, family, given_name, born.isoformat())
    assert unpack_words(pack_words(named)) == named


def test_one_to_six_images() -> None:
    require_count(1)
    require_count(6)
    with pytest.raises(ImagesMissing):
        require_count(0)
    with pytest.raises(ImagesTooMany):
        require_count(7)


def test_images_are_attached_only_where_reader_and_operator_take_them() -> None:
    large = {"hopital.example"}
    assert choose_way(ALL, "hopital.example", large, 5_000_000) is Way.ATTACHED
    assert choose_way(ALL, "chu.hopital.example", large, 5_000_000) is Way.ATTACHED
    assert choose_way(ALL, "faux-hopital.example", large, 5_000_000) is Way.LINK
    assert choose_way(frozenset({AcceptedFormat.HPRIM_TEXT}), "hopital.example", large, 5_000_000) is Way.LINK
    assert choose_way(ALL, "hopital.example", large, 8_000_000) is Way.LINK
    assert choose_way(ALL, "hopital.example", large, 6_000_000) is Way.ATTACHED
    assert choose_way(ALL, "hopital.example", large, 6_000_000, room_bytes=7_200_000) is Way.LINK
    assert choose_way(ALL, "hopital.example", (), 5_000_000) is Way.LINK


def test_what_is_said_to_fit_fits() -> None:
    largest = max(size for size in range(7_000_000, 7_600_000, 1_000) if mail_bytes(size) <= LARGE_MAIL_BYTES)
    words = read_words("Lésion", "Texte.", "FICTIF", "Bastien", "1985-07-14")
    each, rest = divmod(largest, 6)
    images = [b"\xff" * each] * 5 + [b"\xff" * (each + rest)]
    content = compose_mail(compose_attached_mail(envelope(), words, images, NOW), NOW, LARGE_MAIL_BYTES)
    assert LARGE_MAIL_BYTES - 200_000 < len(content) <= LARGE_MAIL_BYTES


def test_a_plain_mail_holds_the_link_and_no_image() -> None:
    words = read_words("Lésion du dos", "Depuis un mois.", "", "", "")
    mail = compose_link_mail(envelope(), words, 2, PAGE, "20/12/2026", NOW)
    assert not mail.attachments
    assert PAGE in mail.text.splitlines()
    assert "les 2 images, jusqu’au 20/12/2026" in mail.text
    assert (mail.subject, mail.author, mail.wants_receipt) == ("Images : Lésion du dos", ANNE, True)
    read = message_from_bytes(compose_mail(mail, NOW), policy=policy.SMTP)
    assert (read["From"], read["Reply-To"]) == ("Dr Anne MODELE - MiSS <miss@miss.example>", "anne@medecin.example")


def test_with_a_patient_the_mail_is_filed_by_its_header() -> None:
    words = read_words("Lésion du dos", "Depuis un mois.\n****FIN****", "FICTIF", "Bastien", "1985-07-14")
    mail = compose_link_mail(envelope("Dr Marc COORDO"), words, 1, PAGE, "20/12/2026", NOW)
    read = parse_hprim_text(mail.text)
    assert (read.family_name, read.given_name, read.birth_date) == ("FICTIF", "Bastien", date(1985, 7, 14))
    assert PAGE in mail.text
    assert mail.text.count("****FIN****") == 1
    assert mail.subject == "[Pour Dr Paul EXEMPLE, remis à son successeur] Images : Lésion du dos"
    assert "FICTIF" not in mail.subject
