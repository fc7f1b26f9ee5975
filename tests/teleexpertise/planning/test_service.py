from datetime import timedelta

from icalendar import Calendar

from miss.base.clock import MovableClock
from teleexpertise.availability import Leave
from teleexpertise.availability.calendars import store as calendar_store
from teleexpertise.availability.calendars.model import READ_EVERY, TELL_AFTER, ImportedCalendar
from teleexpertise.planning import store
from teleexpertise.requests import store as request_store
from teleexpertise.requests.model import Fact, FactKind, State
from tests.teleexpertise.office import Office, text_of


async def answered(office: Office, clock: MovableClock, number: int, after: timedelta) -> None:
    """A request of the pool that was answered `after` it was sent, as the timeline says."""
    await office.deliver(office.letter(number))
    request = (await office.requests())[-1]
    assert request.sent is not None
    async with office.house.db.transaction() as tx:
        fact = Fact(FactKind.ANSWERED, request.sent.at + after, office.anne.id)
        await request_store.add_fact(tx, request.id, fact, office.house.random_bytes)


async def test_without_answers_the_pool_promises_and_without_slots_nobody_does(
    office: Office, clock: MovableClock
) -> None:
    now = clock.now()
    promised = await office.service.planning.expected_answer(office.pool, now)
    assert promised is not None
    assert (promised.working_days, promised.is_measured) == (3, False)
    by_form = await office.service.planning.expected_by_form(["dermatologie", "inconnu"], office.paul, now)
    assert by_form == {"dermatologie": promised}
    for expert in (office.anne, office.karim):
        a_year = Leave(now.date(), now.date() + timedelta(days=500))
        await office.service.availabilities.add_leave(expert.id, a_year)
    assert await office.service.planning.expected_answer(office.pool, now) is None


async def test_latest_answers_count_in_working_time_by_the_first_of_each(office: Office, clock: MovableClock) -> None:
    for number in (1, 2):
        await answered(office, clock, number, timedelta(hours=number))
    first = (await office.requests())[0]
    assert first.sent is not None
    async with office.house.db.transaction() as tx:
        corrected = Fact(FactKind.ANSWERED, first.sent.at + timedelta(hours=90), office.anne.id)
        await request_store.add_fact(tx, first.id, corrected, office.house.random_bytes)
        worked = await store.list_working_times(tx, office.pool, first.sent.at - timedelta(days=28))
        assert sorted(round(took / timedelta(hours=1)) for took in worked) == [1, 2]
        assert await store.list_working_times(tx, office.pool, clock.now() + timedelta(days=20)) == []


async def test_an_experts_feed_has_their_slots_and_what_they_hold_by_number_only(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    holder = office.expert(request)
    feed = await office.service.planning.feed(holder.id)
    events = Calendar.from_ical(feed).walk("VEVENT")
    due = [str(event["SUMMARY"]) for event in events if "URL" in event]
    assert due == [f"Avis à rendre : {request.number}"]
    assert len(events) > 30, "eight weeks of the pool's hours"
    for secret in (b"FICTIF", b"EXEMPLE", b"dermato"):
        assert secret not in feed
    [other] = {office.anne.id, office.karim.id} - {holder.id}
    assert b"Avis" not in await office.service.planning.feed(other)


async def test_a_calendar_that_fails_is_told_by_mail_once(office: Office, clock: MovableClock) -> None:
    """Its name has come to lead inside our own network: it is refused at each reading."""
    address = await office.house.keystore.seal("calendar:c", b"https://127.0.0.1/anne.ics", what="CalendarAddress")
    made = ImportedCalendar(
        id="c", practitioner_id=office.anne.id, name="agenda.example", zone="Europe/Paris", subscribed=True,
        added_at=clock.now(), read_at=clock.now(),
    )  # fmt: skip
    async with office.house.db.transaction() as tx:
        await calendar_store.insert(tx, calendar_store.Kept(made, address, b""))
    await office.service.calendars.read_now(office.anne.id, "c")
    for _ in range(TELL_AFTER + 2):
        await office.run_jobs()
        clock.advance(READ_EVERY + timedelta(minutes=1))
    [mail] = office.mails_to(office.anne)
    assert "« agenda.example »" in text_of(mail)
    assert "ne peut pas être suivie" in text_of(mail)
    assert "La copie du vendredi 20/11/2026" in text_of(mail)


async def test_experts_without_a_slot_for_a_year_leave_a_request_that_waits_and_a_coordinator_who_knows(
    office: Office, clock: MovableClock
) -> None:
    for expert in (office.anne, office.karim):
        a_year = Leave(clock.now().date(), clock.now().date() + timedelta(days=500))
        await office.service.availabilities.add_leave(expert.id, a_year)
    await office.deliver(office.letter())
    request = await office.request()
    assert request.state is State.READY
    [told] = [mail for mail in office.mails_to(office.marc) if request.number in mail["Subject"]]
    assert "Aucun créneau n’est déclaré" in text_of(told)
    await office.service.availabilities.undo(office.anne.id)
    await office.service.assignment.wake_pool(office.pool.id)
    await office.run_jobs()
    assert (await office.request()).holder == office.anne.id
