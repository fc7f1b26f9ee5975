"""Mails to requesters, experts and coordinators: what they say, what they must not, how they are marked."""

import inspect
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.mail.addresses import MailAddress, Mailbox
from miss.mail.outbound import AutoSubmitted, OutboundMail
from miss.mail.outbound.compose import compose_mail
from teleexpertise.availability.places import Clocks
from teleexpertise.letters import (
    afterwards,
    appointments,
    break_glass,
    follow_up,
    reminders,
    second_reading,
    to_requester,
    to_team,
)
from teleexpertise.letters.envelope import SUBJECT_CHARS, Correspondent, Platform, Thread

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PLATFORM = Platform(Mailbox(MailAddress("teleexpertise", "miss.example"), "Téléexpertise"), "https://miss.example")
PAUL = Correspondent(name="Dr Paul EXEMPLE", mailbox="paul.exemple@medecin.mssante.example")
THREAD = Thread(message_id="<demande@medecin.mssante.example>", subject="Avis dermato")
CLOCKS = Clocks(ZoneInfo("Indian/Reunion"), ZoneInfo("Europe/Paris"))
NUMBER, TITLE = "TE26000417", "Dermatologie"


def every_mail() -> dict[str, OutboundMail]:
    """One mail of each kind."""
    requester: dict[str, Any] = {"platform": PLATFORM, "to": PAUL, "thread": THREAD, "number": NUMBER}
    team: dict[str, Any] = {"platform": PLATFORM, "to": PAUL, "number": NUMBER}
    titled: dict[str, Any] = {**team, "form_title": TITLE}
    return {
        "ack": to_requester.acknowledgement(
            **requester, form_title=TITLE, deadline_at=NOW, is_alert=True, refused_files=[]
        ),
        "incomplete": to_requester.incomplete(
            **requester, form_title=TITLE, rank=1, problems=["« Début » : obligatoire."],
            refused_files=["« x » : abîmé"], lines_to_fill=["d.debut : "],
        ),
        "refused": to_requester.refused(**requester, rank=1, reasons=["Sans accord."]),
        "waiting": to_requester.waiting(**requester, rank=1, reason="Quota.", refused_files=["« x » : abîmé"]),
        "conflict": to_requester.conflict(**requester, reference="m1"),
        "question": to_requester.question(
            **requester, form_title=TITLE, reference="n1", expert="Dr Anne MODELE", asked="Depuis quand ?",
            items=["Début"],
        ),
        "closed": to_requester.closed(**requester, reference="m1"),
        "template": to_requester.template(
            PLATFORM, PAUL, THREAD, reference="m1", form_title=TITLE, template_text="d.debut : "
        ),
        "forms": to_requester.known_forms(PLATFORM, PAUL, THREAD, reference="m1", forms=["dermatologie"]),
        "offer": to_team.offer(**titled, attempt_id="a1", deadline_at=NOW, expires_at=NOW),
        "clarified": to_team.clarified(**titled, reference="n1", deadline_at=NOW),
        "withdrawn": to_team.withdrawn(**titled),
        "page": to_team.use_the_page(PLATFORM, PAUL, THREAD, number=NUMBER, reference="m1"),
        **_of_later_rooms(),
        "nobody": to_team.nobody_in_time(**titled, pool_name="Nord", deadline_at=NOW, wake_at=None),
    }  # fmt: skip


def _of_later_rooms() -> dict[str, OutboundMail]:
    """Those of the rooms beside the plain way of a request."""
    requester: dict[str, Any] = {"platform": PLATFORM, "to": PAUL, "thread": THREAD, "number": NUMBER}
    team: dict[str, Any] = {"platform": PLATFORM, "to": PAUL, "number": NUMBER}
    titled: dict[str, Any] = {**team, "form_title": TITLE}
    asking: dict[str, Any] = {**requester, "form_title": TITLE, "reference": "n1"}
    later: dict[str, Any] = {**titled, "reference": "n1"}
    reading: dict[str, Any] = {**titled, "reading_id": "s1"}
    in_pool: dict[str, Any] = {**later, "pool_name": "Nord", "deadline_at": NOW}
    settled: dict[str, Any] = {**titled, "appointment_id": "v1", "clocks": CLOCKS}
    return {
        "emergency": to_requester.emergency(**asking),
        "reoriented": to_requester.reoriented(**asking, pool_name="Nord", deadline_at=NOW),
        "taken back": to_team.taken_back(**later),
        "half": reminders.to_holder(**later, deadline_at=NOW, expires_at=NOW),
        "nobody holds": reminders.nobody_holds(**in_pool),
        "overdue": reminders.overdue(**in_pool, holder="Dr Anne MODELE", is_told=True),
        "delayed": reminders.delayed(**asking, deadline_at=NOW, is_held=True),
        "silent": reminders.still_silent(**asking, asked_at=NOW, closes_at=NOW, lines_to_fill=["d.debut : "]),
        "unclarified": reminders.closed_unclarified(**asking, days=30),
        "closed for holder": reminders.closed_for_holder(**later),
        "proposed": appointments.proposed(
            **requester, form_title=TITLE, appointment_id="v1", expert="Dr Anne MODELE", clocks=CLOCKS, slots=[NOW],
            contact="03 20 00 00 00", is_other=True,
        ),
        "taken": appointments.settled(**settled, chosen=NOW, is_accepted=True),
        "not taken": appointments.settled(**{**settled, "appointment_id": "v2"}, chosen=None, is_accepted=False),
        "informed": follow_up.ask_informed(**requester, form_title=TITLE, answered_at=NOW),
        "photographs": follow_up.photographs_due(**requester, form_title=TITLE, answered_at=NOW),
        "opened": break_glass.opened(**team, reference="g1", by="Dr Marc COORDO", reason="Sécurité", at=NOW),
        "reading asked": second_reading.asked(**reading, rank=1, expires_at=NOW),
        "reading given": second_reading.given(**reading),
        "reading nobody": second_reading.nobody(**reading),
        "reading withdrawn": second_reading.withdrawn(**reading),
        "asked after": afterwards.asked(**later, due_at=NOW),
        "replied after": afterwards.replied(**asking, expert="Dr Anne MODELE", reply="Oui."),
        "late after": afterwards.late(**later, expert="Dr Anne MODELE", asked_at=NOW),
    }  # fmt: skip


def test_no_mail_is_forgotten_here() -> None:
    """Every public function of the letters that makes a mail of its own has one above."""
    rooms = (to_requester, to_team, reminders, appointments, follow_up, break_glass, second_reading, afterwards)
    makes = {
        f"{room.__name__}.{name}"
        for room in rooms
        for name, one in vars(room).items()
        if inspect.isfunction(one) and one.__module__ == room.__name__ and not name.startswith("_")
    } - {f"{to_team.__name__}.discreet"}
    composed = {name for name in makes if not name.endswith("_path")}
    assert len(composed) == len(every_mail()) - 1, "an appointment is settled in two ways"


@pytest.mark.parametrize("kind", sorted(every_mail()))
def test_every_mail_composes_and_tells_other_programs_not_to_answer(kind: str) -> None:
    mail = every_mail()[kind]
    message = message_from_bytes(compose_mail(mail, NOW), policy=default)
    assert mail.auto_submitted in {AutoSubmitted.REPLIED, AutoSubmitted.GENERATED}
    assert message["From"].addresses[0].addr_spec == "teleexpertise@miss.example"
    assert message["To"].addresses[0].addr_spec == PAUL.mailbox


def test_no_two_kinds_share_a_message_id() -> None:
    ids = [mail.message_id for mail in every_mail().values()]
    assert len({*ids}) == len(ids)


def test_what_answers_a_mail_is_on_its_thread() -> None:
    for kind in ("ack", "incomplete", "refused", "conflict", "question", "closed", "template", "forms", "page"):
        assert every_mail()[kind].in_reply_to == THREAD.message_id


def test_what_is_missing_is_listed_with_both_ways_to_give_it() -> None:
    text = every_mail()["incomplete"].text
    for told in (
        "« Début » : obligatoire.",
        "« x » : abîmé",
        "   d.debut : ",
        f"/teleexpertise/demandes/{NUMBER}/completer",
    ):
        assert told in text


def test_an_appointment_names_the_clock_of_either_side() -> None:
    expected = "vendredi 20 novembre 2026 à 13:00 (La Réunion), 10:00 (Paris)"
    assert expected in every_mail()["proposed"].text
    assert expected in every_mail()["taken"].text


def test_times_are_told_on_french_clocks() -> None:
    assert "vendredi 20/11/2026 à 10:00" in every_mail()["offer"].text


def test_the_emergency_number_stands_in_the_acknowledgement_of_a_red_flag_only() -> None:
    calm = to_requester.acknowledgement(
        PLATFORM, PAUL, THREAD, number=NUMBER, form_title=TITLE, deadline_at=NOW, is_alert=False, refused_files=[]
    )
    assert "15" in every_mail()["ack"].text
    assert "appelez le 15" not in calm.text


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=400))
def test_whatever_the_sender_s_subject_ours_is_bounded_and_names_the_request(subject: str) -> None:
    thread = Thread(message_id=THREAD.message_id, subject=subject)
    mail = to_requester.closed(PLATFORM, PAUL, thread, number=NUMBER, reference="m1")
    assert NUMBER in mail.subject
    assert len(mail.subject) <= SUBJECT_CHARS + 10
    compose_mail(mail, NOW)


def test_a_name_of_the_register_cannot_pass_for_an_address() -> None:
    box = Correspondent(name="Dr <evil@x.example>\r\nBcc: y", mailbox=PAUL.mailbox).box
    assert "@" not in box.display_name
    assert "\n" not in box.display_name


@pytest.mark.parametrize("kind", ["offer", "clarified", "withdrawn"])
def test_a_discreet_notice_says_that_there_is_something_and_no_more(kind: str) -> None:
    full = every_mail()[kind]
    mail = to_team.discreet(PLATFORM, full)
    assert (mail.message_id, mail.to, mail.auto_submitted) == (full.message_id, full.to, full.auto_submitted)
    for secret in (NUMBER, TITLE, "EXEMPLE"):
        assert secret not in mail.subject + mail.text
    assert "https://miss.example/teleexpertise/avis" in mail.text
    assert mail.references == ()
