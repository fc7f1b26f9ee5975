"""Probes ask each other, and nobody else comes near their form or their pool."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from miss.base.ids import PractitionerId
from miss.directory.practitioners import ANSWERING, ASKING
from miss.directory.practitioners.probes import from_probe
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.service import Submission
from teleexpertise.probe import ANSWERS
from teleexpertise.probing.form import FORM_ID, load_form
from teleexpertise.questionnaire.lint import lint
from teleexpertise.questionnaire.model import Answers, AnswerValue, Coding
from teleexpertise.requests import store
from teleexpertise.requests.model import ExpertiseRequest, State
from tests.teleexpertise.office import Office


def answers() -> Answers:
    """What the probe answers, read from what it sends."""
    return {link_id: (_value(said),) for link_id, said in ANSWERS.items()}


def _value(said: dict[str, Any]) -> AnswerValue:
    [(kind, value)] = said.items()
    match kind:
        case "valueCoding":
            return Coding(value["code"])
        case "valueDate":
            return date.fromisoformat(value)
        case _:
            assert isinstance(value, bool | str)
            return value


def submission(office: Office, source: str) -> Submission:
    """A request on the probe's form."""
    form = office.service.registry.probe_form
    assert form is not None
    return Submission(
        source=source,
        key=source,
        digest=source.encode().ljust(32, b"."),
        requester=from_probe(ASKING),
        arrived=Arrived(form=form, answers=answers(), answered_at={}),
        tells_by_mail=False,
    )


async def test_a_probe_is_offered_to_the_other_and_mailed_to_nobody(office: Office) -> None:
    await office.service.probes.prepare()
    taken = await office.service.intake.take(submission(office, "probe-0001"))
    assert taken.problems == ()
    await office.run_jobs()
    request = (await stored(office, ASKING))[0]
    assert (request.state, request.holder) == (State.ASSIGNED, ANSWERING)
    assert office.mails() == []
    assert await office.dead_jobs() == []


async def test_nobody_else_sends_on_the_probe_form(office: Office) -> None:
    await office.service.probes.prepare()
    taken = await office.service.intake.take(replace(submission(office, "page-0001"), requester=office.paul))
    assert taken.request.state is State.DRAFT
    assert [problem.code for problem in taken.problems] == ["form_withdrawn"]


async def test_the_form_is_sound_and_offered_to_nobody(office: Office) -> None:
    registry = office.service.registry
    assert lint(load_form()) == ()
    assert FORM_ID not in [form.id for form in registry.specialties()]
    assert registry.named(FORM_ID) is None
    assert registry.named("Sonde technique") is None


async def test_a_request_that_a_killed_probe_left_open_is_taken_back_and_forgotten(office: Office) -> None:
    await office.service.probes.prepare()
    await office.service.intake.take(submission(office, "probe-0001"))
    await office.run_jobs()
    assert await office.service.probes.forget() == 0
    office.house.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    assert await office.service.probes.forget() == 1
    await office.run_jobs()
    assert await stored(office, ASKING) == []
    assert await office.dead_jobs() == []


async def test_real_requests_are_not_forgotten(office: Office) -> None:
    await office.deliver(office.letter())
    office.house.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    assert await office.service.probes.forget() == 0
    assert len(await office.requests()) == 1


async def stored(office: Office, requester: PractitionerId) -> list[ExpertiseRequest]:
    """What somebody asked."""
    async with office.house.db.snapshot() as tx:
        return [one.request for one in await store.list_of_requester(tx, requester)]
