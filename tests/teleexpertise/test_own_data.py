"""What the service gives to the export: numbers and instants of one's own, nothing of what was asked."""

import json
from datetime import date, time

from teleexpertise.answers.templates import Owner
from teleexpertise.availability import DayException, Leave, WeeklySlot
from teleexpertise.own_data import own_data
from tests.teleexpertise.availability.calendars.ics import calendar, event
from tests.teleexpertise.office import Office


async def test_numbers_and_instants_and_nothing_of_the_patient(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    expert = office.expert(request)
    paul = await office.house.accounts.open(office.paul.id, by="test")
    asked, answered, *_ = await own_data(office.service, paul)
    assert [line["Numéro"] for line in asked.content] == [request.number]
    assert answered.content == []
    theirs = await office.house.accounts.open(expert.id, by="test")
    asked, held, *_ = await own_data(office.service, theirs)
    assert (asked.content, [line["Numéro"] for line in held.content]) == ([], [request.number])
    written = json.dumps([part.content for part in (asked, held)])
    for secret in ("FICTIF", "BASTIEN", "1850759", "lésion"):
        assert secret not in written
    claire = await office.house.accounts.open(office.claire.id, by="test")
    assert [part.content for part in await own_data(office.service, claire)] == [[], [], [], [], []]


async def test_ones_availability_and_the_calendars_that_one_linked_by_name_only(office: Office) -> None:
    anne, availabilities = office.anne.id, office.service.availabilities
    await availabilities.replace_week(anne, [WeeklySlot(1, time(9), time(12), "Indian/Reunion")])
    await availabilities.add_leave(anne, Leave(date(2026, 12, 21), date(2026, 12, 27)))
    await availabilities.put_exception(anne, DayException(date(2026, 11, 24)))
    await office.service.calendars.upload(anne, "anne.ics", calendar(event()), "Europe/Paris")
    *_, declared, linked = await own_data(office.service, await office.house.accounts.open(anne, by="test"))
    assert [list(line.values()) for line in declared.content] == [
        ["mardi", "09:00", "12:00", "Indian/Reunion"],
        ["absence", "2026-12-21", "2026-12-27", ""],
        ["absence", "2026-11-24", "2026-11-24", ""],
    ]
    assert [line["Nom"] for line in linked.content] == ["anne.ics"]
    assert "FICTIF" not in json.dumps(linked.content)


async def test_ones_answer_templates_and_not_the_pool_s(office: Office) -> None:
    templates, marc = office.service.templates, office.marc.id
    await templates.create(Owner.expert(marc), marc, title="À moi", text="Émollient.", new_id="t-1")
    await templates.create(Owner.pool(office.pool.id), marc, title="Au groupe", text="Photo.", new_id="t-2")
    _, _, own, *_ = await own_data(office.service, await office.house.accounts.open(marc, by="test"))
    assert [line["Titre"] for line in own.content] == ["À moi"]
