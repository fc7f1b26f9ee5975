"""Beyond its establishment's quota a request is kept and told; a mail goes on by itself, a page stays a draft."""

from dataclasses import replace
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.broker import Rates
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.quotas import Quota, QuotaChoice, Quotas
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from teleexpertise.attachments.service import IncomingFile
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.drafts import Edit
from teleexpertise.requests.model import State
from tests.miss.documents.pdf import hostile
from tests.teleexpertise.intake.test_service import PHOTOS, complete, submission
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office, photo, text_of

LILLE = OrganizationId("F599990009")


@pytest.fixture
async def quotas(office: Office) -> Quotas:
    """Of a hospital with Dr EXEMPLE on its list."""
    house = office.house
    record = Establishment(id=LILLE, name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL)
    await Establishments(house.db, house.clock, house.random_bytes).open(record, "test")
    roster = Roster(house.db, house.clock, house.random_bytes, house.practitioners)
    said = {StaffField.FAMILY: "EXEMPLE", StaffField.GIVEN: "Paul", StaffField.RPPS: office.paul.rpps or ""}
    await roster.add(LILLE, said, "test")
    return Quotas(house.db, house.clock, Rates(house.broker.counts), Quota(3000, 12_000))


async def test_a_mail_beyond_the_quota_is_kept_answered_and_goes_the_next_day(
    office: Office, quotas: Quotas, clock: MovableClock
) -> None:
    await quotas.put(LILLE, QuotaChoice(advice_per_day=1), "marc")
    await office.deliver(office.letter(1))
    await office.deliver(office.letter(2))
    sent, kept = await office.requests()
    assert (sent.state, kept.state) == (State.ASSIGNED, State.DRAFT)
    told = text_of(office.mails_to(office.paul)[-1])
    assert "Votre établissement a envoyé toutes les demandes d’avis que son quota permet par jour (1)" in told
    assert "elle partira d’elle-même demain" in told
    assert office.mails_to(office.paul)[-1]["In-Reply-To"] == "<demande-2@medecin.mssante.example>"

    clock.advance(timedelta(hours=4))
    await office.run_jobs()
    assert (await office.requests())[1].state is State.DRAFT
    clock.advance(timedelta(hours=20))
    await office.run_jobs()
    gone = (await office.requests())[1]
    assert gone.id == kept.id
    assert gone.state is not State.DRAFT
    assert gone.sent is not None
    assert (await quotas.allowances.used(LILLE)).advice_today == 1
    [acknowledged] = [mail for mail in office.mails_to(office.paul) if gone.number in mail["Subject"]][1:]
    assert "est enregistrée" in text_of(acknowledged)
    assert await office.dead_jobs() == []


async def test_what_was_changed_meanwhile_is_its_writers_to_send(
    office: Office, quotas: Quotas, clock: MovableClock
) -> None:
    await quotas.put(LILLE, QuotaChoice(advice_per_day=1), "marc")
    for number in (1, 2):
        await office.deliver(office.letter(number))
    kept = (await office.requests())[1]
    form = office.service.registry.published("dermatologie")
    arrived = Arrived(form=form, answers={"d.diametre": ()}, answered_at={"d.diametre": clock.now()}, merges=True)
    edit = Edit(source="edit-0001", requester=office.paul.id, arrived=arrived)
    await office.service.drafts.save(kept.number, edit)
    clock.advance(timedelta(days=1))
    await office.run_jobs()
    assert (await office.requests())[1].state is State.DRAFT


async def test_more_than_a_day_holds_waits_another_day(office: Office, quotas: Quotas, clock: MovableClock) -> None:
    await quotas.put(LILLE, QuotaChoice(advice_per_day=1), "marc")
    for number in (1, 2, 3):
        await office.deliver(office.letter(number))
    for drafts in (1, 0):
        clock.advance(timedelta(days=1))
        await office.run_jobs()
        assert [one.state for one in await office.requests()].count(State.DRAFT) == drafts
    assert await office.dead_jobs() == []


async def test_an_alert_goes_whatever_the_quota(office: Office, quotas: Quotas) -> None:
    await quotas.put(LILLE, QuotaChoice(advice_per_day=1), "marc")
    await office.deliver(office.letter(1))
    alert = ANSWERS.replace("d.alerte : non", "d.alerte : oui\nd.alerte.action : SAMU (15) appelé")
    await office.deliver(office.letter(2, text=HEADER + alert + END))
    assert State.DRAFT not in [one.state for one in await office.requests()]
    assert (await quotas.allowances.used(LILLE)).advice_today == 2


async def test_a_page_beyond_the_quota_stays_a_draft_until_it_is_sent_again(
    office: Office, quotas: Quotas, clock: MovableClock
) -> None:
    await quotas.put(LILLE, QuotaChoice(advice_per_day=1), "marc")
    await office.deliver(office.letter(1))
    page = submission(office, "page-0001", complete(office), *PHOTOS)
    taken = await office.service.intake.take(page)
    assert taken.request.state is State.DRAFT
    assert [problem.code for problem in taken.problems] == ["establishment_advice_spent"]
    clock.advance(timedelta(days=1))
    await office.run_jobs()
    assert (await office.requests())[1].state is State.DRAFT, "who stood before the page decides"
    again = replace(page, key="page-0002", source="page-0002", draft=taken.request.id, files=())
    assert (await office.service.intake.take(again)).request.state is State.READY


async def test_a_file_beyond_the_quota_of_storage_is_refused_by_name_and_the_mail_leaves(
    office: Office, quotas: Quotas
) -> None:
    await office.deliver(office.letter(1))
    kept_bytes = (await quotas.allowances.used(LILLE)).stored_bytes
    assert 0 < kept_bytes < 1_000_000
    await quotas.put(LILLE, QuotaChoice(stored_mb=1), "marc")
    heavy = IncomingFile("lourde.pdf", "application/pdf", _pdf(1_000_000 - kept_bytes + 1), "c.piece")
    taken = await office.service.intake.take(submission(office, "page-0001", {}, heavy))
    [refused] = taken.refused_files
    assert (refused.name, refused.error.code) == ("lourde.pdf", "attachment_no_room")
    assert "(1 Mo)" in refused.error.sentence()
    assert taken.request.state is State.DRAFT
    assert (await quotas.allowances.used(LILLE)).stored_bytes == kept_bytes
    small = IncomingFile("petite.jpg", "image/jpeg", photo(size=(16, 16)), "c.piece")
    fits = await office.service.intake.take(submission(office, "page-0002", {}, small))
    assert fits.refused_files == ()


async def test_what_was_destroyed_counts_no_longer(office: Office, quotas: Quotas, clock: MovableClock) -> None:
    page = submission(office, "page-0001", complete(office), *PHOTOS)
    await office.service.intake.take(page)
    assert (await quotas.allowances.used(LILLE)).stored_bytes > 0
    request = await office.request()
    await office.service.requests.revoke(request.id, office.paul.id)
    clock.advance(timedelta(days=366))
    assert await office.service.retention.destroy_past() == 1
    assert (await quotas.allowances.used(LILLE)).stored_bytes == 0


def _pdf(size_bytes: int) -> bytes:
    """A harmless one of that size."""
    plain = hostile.minimal()
    return plain + b"\n%" + b"x" * (size_bytes - len(plain) - 2)
