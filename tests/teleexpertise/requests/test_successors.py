"""An answer to somebody who has left: their successor gets it and both sides see so; an HPRIM body stays readable."""

from datetime import timedelta

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.directory.practitioners import Practitioner
from miss.directory.retirement.model import ZONE
from miss.directory.roles import Principal, Role
from miss.documents.hprim import parse_hprim
from teleexpertise.questionnaire.model import Answers, Coding
from tests.teleexpertise.answers.test_service import ADVICE, held, save
from tests.teleexpertise.office import Office, text_of

QUESTION: Answers = {
    "r.qualite": (Coding("suffisante"),),
    "r.decision": (Coding("precisions"),),
    "r.precisions": (Coding("d.signes"),),
    "r.precisions.texte": ("Depuis combien de temps ?",),
}


async def leave(office: Office, leaver: Practitioner, successor: Practitioner) -> None:
    """`leaver` has left since this morning; two technicians approved that `successor` gets what is sent."""
    house = office.house
    house.jobs.register(house.retirements.job_handler())
    accounts = {}
    for person in (leaver, successor, office.marc, office.claire):
        found = await house.accounts.find_by_practitioner(person.id)
        account = found or await house.accounts.open(person.id, by="test")
        accounts[person.id] = account if account.is_active else await house.accounts.verify(account.uid, "test")
    technicians = []
    for person in (office.marc, office.claire):
        account = accounts[person.id]
        await house.roles.appoint(account, Role.TECHNICIAN, by="test")
        technicians.append(Principal(account.uid, await house.roles.of(account)))
    today = house.clock.now().astimezone(ZONE).date()
    retirement = await house.retirements.ask(
        technicians[0], accounts[leaver.id].uid, today, successor=successor.id, reason="retraite"
    )
    await house.retirements.approve(technicians[1], retirement.id)
    await office.run_jobs()


async def test_the_advice_goes_to_the_successor_and_the_expert_is_told_before(office: Office) -> None:
    request, holder = await held(office)
    before = len(office.mails_to(office.paul))
    successor = office.karim if holder == office.anne.id else office.anne
    await leave(office, office.paul, successor)
    told = len(office.mails_to(office.paul))
    await save(office, request, ADVICE)
    preview = await office.service.answering.preview(request.id, PractitionerId(holder))
    assert preview.successor == successor.display_name
    await office.service.answering.send(request.id, PractitionerId(holder))
    await office.run_jobs()
    assert before < told == len(office.mails_to(office.paul)), "told of the leaving, and of nothing since"
    advice = office.mails_to(successor)[-1]
    assert str(advice["Subject"]).startswith("XDM/1.0/DDM+CR de télémédecine "), "software files it by its subject"
    assert f"Remis à {successor.display_name}, successeur de Dr Paul EXEMPLE" in " ".join(text_of(advice).split())
    text = advice.get_body(("plain",))
    assert text is not None
    body = text.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert parse_hprim(body, charset="iso-8859-1").guesses == (), "the body is the letter and nothing else"


async def test_a_question_says_so_in_its_text_too(office: Office) -> None:
    request, holder = await held(office)
    successor = office.karim if holder == office.anne.id else office.anne
    await leave(office, office.paul, successor)
    await save(office, request, QUESTION)
    await office.service.answering.send(request.id, PractitionerId(holder))
    await office.run_jobs()
    question = office.mails_to(successor)[-1]
    assert text_of(question).startswith("Ce message était destiné à Dr Paul EXEMPLE")
    assert "Depuis combien de temps ?" in text_of(question)


async def test_after_three_months_nothing_is_redirected_any_more(office: Office) -> None:
    request, holder = await held(office)
    successor = office.karim if holder == office.anne.id else office.anne
    await leave(office, office.paul, successor)
    clock = office.house.clock
    assert isinstance(clock, MovableClock)
    clock.advance(timedelta(days=93))
    assert await office.service.parts.find_successor(office.paul.id) is None
    assert request.requester == office.paul.id
