"""How often HTTP may be asked."""

import pytest

from miss.broker import MemoryBroker
from miss.chat import ChatLimits, HttpRates
from miss.chat.gate import network_of
from miss.protocol.session import Rate
from tests.miss.chat.kit import Place, Refused, get, post, put, running
from tests.miss.chat.world import World

SLOW = 0.001
"""A second token would take a thousand seconds."""


def rates(commits: int = 99, blobs: int = 99, requests: int = 99, identity: int = 99) -> ChatLimits:
    bursts = (commits, blobs, requests, identity)
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


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_ipv6_counts_as_one(host: str, network: str) -> None:
    assert network_of(host) == network


def test_the_rates_are_those_of_the_protocol() -> None:
    limits = ChatLimits().http
    assert [rate.burst for rate in (limits.commits, limits.blobs, limits.requests, limits.identity)] == [
        10,
        60,
        600,
        10,
    ]
    assert limits.commits.per_s == pytest.approx(1 / 6)
