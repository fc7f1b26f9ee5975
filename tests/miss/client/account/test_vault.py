"""The vault as a lying or lagging server shows it: only the right secret, under the right key, counts."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from miss.base.clock import MovableClock, from_ms
from miss.client.account.user_keys import UserKeys
from miss.client.account.vault import MAX_RESTARTS, Vault
from miss.client.events import Announcer
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.vault import seal_vault_entry
from tests.miss.client.devices import linked_store
from tests.miss.client.doubles import Answer, Server
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, Stream, team

TEAM = team()
CID = TEAM.commit.core.cid
Entry = tuple[bytes, int, bytes]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Bob's device, which knows of Alice's conversation and has no secret of it."""
    store, server, announcer = linked_store(tmp_path / "bob.db", BOB, ALICE), Server(), Announcer()
    store.conversations.add(CID, 0)
    store.conversations.add_epoch(TEAM.commit, None)
    time, api, device = ServerTime(MovableClock(from_ms(NOW_MS))), server.api(BOB), store.device.get()
    server.shows_chain(BOB)
    identities = Identities(store, device.root, api, time, announcer)
    user_keys = UserKeys(store, device, identities, api, announcer)
    yield SimpleNamespace(store=store, server=server, vault=Vault(store, device, user_keys, api))
    store.close()


def entry(es: bytes, key: UserKey = BOB.user_key, epoch: int = 1) -> Entry:
    return CID, epoch, seal_vault_entry(key, BOB.uid, CID, epoch, es, Stream("entry"))


def shows(house: SimpleNamespace, *pages: list[Entry], generation: int = 1) -> None:
    """Let the server show these pages, one after the other, whatever is asked."""
    left = list(pages)

    def answer(_: httpx.Request) -> Answer:
        page = left.pop(0) if len(left) > 1 else left[0]
        return 200, {"generation": generation, "entries": page, "more": len(pages) > 1}

    house.server.answers["/api/chat/vault"] = answer


def asked(house: SimpleNamespace) -> list[str]:
    return [
        str(request.url.query, "ascii") for request in house.server.requests if request.url.path == "/api/chat/vault"
    ]


async def test_a_secret_is_stored_with_its_epoch(house: SimpleNamespace) -> None:
    shows(house, [entry(TEAM.es)])

    assert await house.vault.open_epochs(CID) == 1
    assert house.store.conversations.last_epoch(CID).es == TEAM.es
    assert asked(house) == [f"limit=1000&after={CID.hex()}%2C0"]
    assert await house.vault.open_epochs(CID) == 0
    assert len(asked(house)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        entry(b"e" * 32),  # not the secret that the commit confirms
        entry(TEAM.es, UserKey(1, b"k" * 32)),  # under another key
        entry(TEAM.es, epoch=2),  # of an epoch unknown here
        (CID, 1, entry(TEAM.es, epoch=2)[2]),  # moved from another epoch
        (CID, 1, b"short"),
        (b"x" * 32, 1, entry(TEAM.es)[2]),
    ],
)
async def test_what_is_not_the_epochs_secret_is_passed_over(house: SimpleNamespace, wrong: Entry) -> None:
    shows(house, [wrong])

    assert await house.vault.open_epochs(CID) == 0
    assert house.store.conversations.last_epoch(CID).es is None


async def test_a_server_that_never_comes_to_an_end_is_left(house: SimpleNamespace) -> None:
    shows(house, [entry(TEAM.es)], [entry(TEAM.es)])

    assert await house.vault.fetch_all() == {(CID, 1): TEAM.es}
    assert len(asked(house)) == 2


async def test_a_vault_under_a_key_that_the_chain_does_not_name_is_not_read(house: SimpleNamespace) -> None:
    shows(house, [entry(TEAM.es)], generation=7)

    assert await house.vault.fetch_all() == {}
    assert len(asked(house)) == MAX_RESTARTS
