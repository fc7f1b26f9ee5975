"""The answer as HPRIM, and the mail around it."""

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import PractitionerId
from miss.directory.practitioners import AcceptedFormat
from miss.documents.hprim import GuessKind, parse_hprim, parse_hprim_text
from miss.documents.identities import PatientIdentity
from miss.documents.letter import Party
from miss.mail.addresses import MailAddress, Mailbox
from miss.mail.letters import Beside
from miss.mail.outbound import OutboundMail
from miss.mail.outbound.compose import compose_mail
from teleexpertise.letters.answer import Answer, answer_mail, compose_letter
from teleexpertise.letters.envelope import Correspondent, Platform, Thread

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PLATFORM = Platform(Mailbox(MailAddress("teleexpertise", "miss.example"), "Téléexpertise MiSS"), "https://miss.example")
PATIENT = PatientIdentity(
    birth_family_name="FICTIF", birth_given_names=("BASTIEN",), birth_date=date(1985, 7, 14), postcode="59140",
    town="DUNKERQUE",
)  # fmt: skip
PAUL = Correspondent(name="Dr Paul EXEMPLE", mailbox="paul.exemple@medecin.mssante.example")
ANNE = Correspondent(name="Dr Anne MODELE", mailbox="anne.modele@ch-fictif.mssante.example")
THREAD = Thread(message_id="<demande@medecin.mssante.example>", references=("<avant@x.example>",), subject="Re: Avis")


def answer(conduct: str = "Émollient ; revoir à 3 mois.", question: str = "Faut-il l’ôter ?") -> Answer:
    return Answer(
        number="TE26000417",
        form_title="Dermatologie",
        patient=PATIENT,
        requester=Party(display_name=PAUL.name),
        expert=Party(display_name=ANNE.name, organization="CH FICTIF"),
        specialty="Dermatologie",
        asked_at=NOW,
        answered_at=NOW,
        question=question,
        sections=[("Avis", [f"Conduite à tenir : {conduct}"])],
    )


def mail_of(one: Answer) -> OutboundMail:
    """To somebody whose software files text only: the mail's own parts are `miss.mail.letters`' to test."""
    beside = Beside(formats=frozenset({AcceptedFormat.HPRIM_TEXT}), made_at=NOW)
    author = PractitionerId("899900000011")
    return answer_mail(PLATFORM, PAUL, THREAD, compose_letter(one), beside, expert=ANNE, author=author).mail


def test_the_mail_s_body_is_hprim_that_needs_no_guess() -> None:
    mail = mail_of(answer())
    message = message_from_bytes(compose_mail(mail, NOW), policy=default)
    assert message["Content-Type"].lower().startswith('text/plain; charset="iso-8859-1"')
    raw = message.get_payload(decode=True)
    assert isinstance(raw, bytes)
    record = parse_hprim(raw, charset="iso-8859-1")
    assert record.guesses == (), "nothing in it has to be guessed"
    assert (record.family_name, record.given_name, record.number) == ("FICTIF", "BASTIEN", "TE26000417")
    assert record.recipient_name == PAUL.name
    assert record.sender_name == "Téléexpertise - Dr Anne MODELE"
    assert "Conduite à tenir : Émollient ; revoir à 3 mois." in record.body
    assert "Question posée" in record.body


def test_the_mail_is_threaded_on_the_request_and_answers_reach_the_expert() -> None:
    mail = mail_of(answer())
    message = message_from_bytes(compose_mail(mail, NOW), policy=default)
    assert message["In-Reply-To"] == THREAD.message_id
    assert message["References"] == "<avant@x.example> <demande@medecin.mssante.example>"
    assert message["Message-ID"] == "<te26000417.answer@miss.example>"
    assert message["Subject"] == "Re: Avis – TE26000417 : avis rendu"
    assert message["Reply-To"].addresses[0].addr_spec == ANNE.mailbox
    assert message["From"].addresses[0].display_name == "Dr Anne MODELE - Téléexpertise MiSS"
    assert message["From"].addresses[0].addr_spec == "teleexpertise@miss.example"
    assert message["Reply-To"].addresses[0].display_name == "Dr Anne MODELE - CH FICTIF"
    assert "Auto-Submitted" not in message


@settings(max_examples=150)
@given(st.text(max_size=400), st.text(max_size=200))
def test_no_words_of_the_expert_break_the_record(conduct: str, question: str) -> None:
    mail = mail_of(answer(conduct, question))
    record = parse_hprim_text(mail.text)
    assert (record.family_name, record.number) == ("FICTIF", "TE26000417")
    assert record.text_after_end == ""
    assert not record.guessed(GuessKind.NO_END_OF_FILE)
    assert "Avis rendu à distance" in record.body
