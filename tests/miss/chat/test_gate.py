"""How often the chat may be asked: over HTTP, and on sockets where a frame asks the database."""

from dataclasses import replace

import pytest

from miss.broker import Broker, MemoryBroker
from miss.chat import ChatLimits, HttpRates
from miss.directory.search.quota import SearchQuota, SearchRates
from miss.protocol.session import Rate, SessionLimits
from miss.protocol.session.limits import DEFAULT_RATES
from miss.protocol.wire.frames import Ack, Err, Send
from tests.miss.chat.kit import UNHURRIED, Place, Process, Refused, get, post, put, running
from tests.miss.chat.world import Template, World

SLOW = 0.001
"""A second token would take a thousand seconds."""


def rates(commits: int = 99, blobs: int = 99, requests: int = 99, identity: int = 99, searches: int = 99) -> ChatLimits:
    bursts = (commits, blobs, requests, identity, searches)
    return ChatLimits(http=HttpRates(*[Rate(burst=burst, per_s=SLOW) for burst in bursts]))


async def refusal(asked: object) -> Refused:
    with pytest.raises(Refused) as refused:
        await asked  # type: ignore[misc]
    return refused.value


async def test_each_device_has_its_own_rate(place: Place, world: World, memory_broker: MemoryBroker) -> None:
    async with running(place, memory_broker, rates(requests=3)) as process:
        tablet = await world.anne.second_device(world.team.process, place)
        for _ in range(3):
            await get(process, "conversations", world.anne.token(process))
        response = await process.http.get(
            "/api/chat/conversations", headers={"Authorization": f"Bearer {world.anne.token(process)}"}
        )
        assert response.status_code == 429
        assert 990 <= int(response.headers["retry-after"]) <= 1000
        refused = await refusal(get(process, "conversations", world.anne.token(process)))
        assert refused.code == "too_many_requests"
        assert str(refused.params["retry_after_s"]) in refused.text
        await get(process, "conversations", tablet.token(process))
        # Somebody unknown is counted by address, whatever token they make up.
        for number in range(3):
            assert (await refusal(get(process, "conversations", f"x{number}"))).code == "token_refused"
        assert (await refusal(get(process, "conversations", "y"))).code == "too_many_requests"


async def test_coming_back_is_counted_by_address(place: Place, world: World, memory_broker: MemoryBroker) -> None:
    async with running(place, memory_broker, rates(identity=2)) as process:
        asked = {"rpps": world.anne.rpps, "code": "AAAA-AAAA-AAAA"}
        assert (await refusal(post(process, "recovery/open", asked))).code == "wrong_activation_code"
        # A token does not help: it is the address that counts here.
        offered = put(process, f"pairing/{'00' * 16}/offer", {"offer": b"x"}, world.anne.token(process))
        assert (await refusal(offered)).code == "pairing_unknown"
        for path in ("recovery/open", "recovery/devices"):
            assert (await refusal(post(process, path, asked))).code == "too_many_requests"
        await get(process, "conversations", world.anne.token(process))


async def test_codes_are_counted_in_all_processes_at_once(place: Place, world: World, broker: Broker) -> None:
    asked = {"rpps": world.anne.rpps, "code": "AAAA-AAAA-AAAA"}
    limits = rates(identity=3)
    async with running(place, broker, limits) as first, running(place, broker, limits) as second:
        tries = [refusal(post(process, "recovery/open", asked)) for process in (first, second, first, second, first)]
        codes = [(await one).code for one in tries]
        assert codes == ["wrong_activation_code"] * 3 + ["too_many_requests"] * 2


async def test_searches_are_counted_by_account(place: Place, world: World, memory_broker: MemoryBroker) -> None:
    limits = rates(searches=2)
    async with running(place, memory_broker, limits) as first, running(place, memory_broker, limits) as second:
        tablet = await world.anne.second_device(world.team.process, place)
        for device in (world.anne, tablet):
            await get(first, "directory?q=modele", device.token(first))
        await first.chat.rates.settle()
        assert (await refusal(get(first, "directory?q=modele", tablet.token(first)))).code == "too_many_requests"
        # Another process lets one through before it hears.
        await get(second, "directory?q=modele", world.anne.token(second))
        await second.chat.rates.settle()
        assert (await refusal(get(second, "directory?q=modele", tablet.token(second)))).code == "too_many_requests"
        await get(second, "directory?q=modele", world.paul.token(second))


async def test_searches_of_a_day_are_counted_where_the_pages_count_theirs(
    place: Place, world: World, memory_broker: MemoryBroker
) -> None:
    daily = Rate(burst=2, per_s=SLOW)
    async with running(place, memory_broker, ChatLimits(http=HttpRates(searches_daily=daily))) as process:
        pages = SearchRates(HttpRates().searches, daily)
        await SearchQuota(process.chat.rates, pages, pages).take(world.anne.uid)
        await get(process, "directory?q=modele", world.anne.token(process))
        refused = await refusal(get(process, "directory?q=modele", world.anne.token(process)))
        assert refused.code == "too_many_requests"
        await get(process, "directory?q=modele", world.paul.token(process))


async def test_a_device_that_connects_again_has_the_bucket_it_left(
    place: Place, template: Template, broker: Broker
) -> None:
    limits = replace(UNHURRIED, session=SessionLimits(rates={**DEFAULT_RATES, Send: Rate(burst=3, per_s=SLOW)}))
    async with running(place, broker, limits) as first, running(place, broker, limits) as second:
        world = template.world.at(first, place)
        answers = []
        for process in (first, first, first, first, second, second):
            async with world.anne.connected(process) as anne:
                answers.append(await anne.send(*world.team.write(world.anne, "Encore")))
            for each in (first, second):
                await each.chat.rates.settle()
        # The second process learns by the one it lets through.
        assert ["ack" if isinstance(answer, Ack) else answer.code for answer in answers] == [
            *["ack"] * 3,
            "rate",
            "ack",
            "rate",
        ]
        last = answers[-1]
        assert isinstance(last, Err)
        assert last.retry_after_s is not None
        assert last.retry_after_s > 1000
        async with world.paul.connected(second) as paul:
            assert isinstance(await paul.send(*world.team.write(world.paul, "Moi aussi")), Ack)


async def test_who_is_not_known_is_told_how_to_be(process: Process, world: World) -> None:
    """RFC 9110 §15.5.2, RFC 6750 §3."""
    missing = await process.http.get("/api/chat/conversations")
    assert (missing.status_code, missing.headers["WWW-Authenticate"]) == (401, 'Bearer realm="MiSS"')
    forged = await process.http.get("/api/chat/conversations", headers={"Authorization": "Bearer forged"})
    assert forged.headers["WWW-Authenticate"] == 'Bearer realm="MiSS", error="invalid_token"'
    known = await process.http.get(
        "/api/chat/conversations", headers={"Authorization": f"Bearer {world.anne.token(process)}"}
    )
    assert known.status_code == 200
    assert "WWW-Authenticate" not in known.headers


async def test_uploads_have_a_rate_of_their_own(place: Place, world: World, memory_broker: MemoryBroker) -> None:
    async with running(place, memory_broker, rates(blobs=1)) as process:
        await post(process, "blobs", b"octets", world.anne.token(process))
        assert (await refusal(post(process, "blobs", b"octets", world.anne.token(process)))).code == "too_many_requests"


async def test_commits_are_counted_unless_a_new_user_key_calls_for_them(
    place: Place, world: World, memory_broker: MemoryBroker
) -> None:
    async with running(place, memory_broker, rates(commits=1)) as process:
        world = world.at(process)
        anne, team = world.anne, world.team
        await team.change(anne, world.paul, world.karim)
        assert (await refusal(team.change(anne, world.paul, world.karim))).code == "too_many_requests"
        for _ in range(3):
            await anne.rotate(process, place, await anne.renewal(process, place))
            await team.change(anne, world.paul, world.karim)
        assert (await refusal(team.change(anne, world.paul, world.karim))).code == "too_many_requests"


def test_the_rates_are_those_of_the_protocol() -> None:
    limits = ChatLimits().http
    counted = (limits.commits, limits.blobs, limits.requests, limits.identity, limits.searches, limits.openings)
    assert [rate.burst for rate in counted] == [10, 60, 600, 10, 120, 60]
    assert limits.commits.per_s == pytest.approx(1 / 6)
    assert limits.searches.per_s == pytest.approx(1 / 30)
