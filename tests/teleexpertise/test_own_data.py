"""What the service gives to the export: numbers and instants of one's own, nothing of what was asked."""

import json

from teleexpertise.own_data import own_data
from tests.teleexpertise.office import Office


async def test_numbers_and_instants_and_nothing_of_the_patient(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    expert = office.expert(request)
    paul = await office.house.accounts.open(office.paul.id, by="test")
    asked, answered = await own_data(office.service, paul)
    assert [line["Numéro"] for line in asked.content] == [request.number]
    assert answered.content == []
    theirs = await office.house.accounts.open(expert.id, by="test")
    asked, held = await own_data(office.service, theirs)
    assert (asked.content, [line["Numéro"] for line in held.content]) == ([], [request.number])
    written = json.dumps([part.content for part in (asked, held)])
    for secret in ("FICTIF", "BASTIEN", "1850759", "lésion"):
        assert secret not in written
    claire = await office.house.accounts.open(office.claire.id, by="test")
    assert [part.content for part in await own_data(office.service, claire)] == [[], []]
