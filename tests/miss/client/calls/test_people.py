"""Who the directory finds, as the server tells it."""

from collections.abc import Collection, Mapping
from datetime import date

from miss.base.ids import PractitionerId
from miss.directory.sample.people import ANNE_MODELE
from tests.miss.client.chat_server import ChatServer

MONDAY = date(2026, 11, 30)


async def test_who_is_away_is_told_with_the_last_day(server: ChatServer) -> None:
    async def everybody(people: Collection[PractitionerId]) -> Mapping[PractitionerId, date]:
        return dict.fromkeys(people, MONDAY)

    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as anne:
        assert {one.away_until for one in await anne.directory("EXEMPLE")} == {None}
        server.chat.away_until = everybody
        assert {one.away_until for one in await anne.directory("EXEMPLE")} == {MONDAY}
