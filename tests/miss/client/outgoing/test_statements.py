"""Deletions are told until the server echoes them, or refuses them for good."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from miss.client import Client, Store
from miss.client.store.statements import PendingStatement, StatementKind
from miss.protocol.wire.frames import Del, Err
from tests.miss.client.devices import join, linked_store
from tests.miss.client.script import Script, bob_on
from tests.miss.protocol.people import ALICE, BOB, team

TEAM = team()
CID = TEAM.commit.core.cid
STONE = PendingStatement(CID, 3, StatementKind.TOMBSTONE, b"signed")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Bob's, with something to delete."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    store.statements.add(STONE)
    yield store
    store.close()


async def told(script: Script, bob: Client) -> list[Del]:
    """What the server heard, once it has answered something that was said after."""
    await script.hear(Del, 1)
    await asyncio.sleep(0.05)
    bob._parts.statements.wake()
    await asyncio.sleep(0.05)
    return await script.hear(Del, 1)


async def test_it_is_said_once_a_connection_until_it_is_echoed(store: Store) -> None:
    for _ in range(2):
        script = Script()
        async with bob_on(script, store) as bob:
            assert await told(script, bob) == [Del(CID, 3, b"signed")]
        assert store.statements.list_() == [STONE]

    script = Script()
    script.answer_del = lambda sent: msgspec.structs.replace(sent, uid=BOB.uid)
    async with bob_on(script, store) as bob:
        await told(script, bob)
        assert store.statements.list_() == []


@pytest.mark.parametrize(
    ("code", "seq", "left"),
    [("not_author", 3, 0), ("not_found", 3, 0), ("rate", 3, 1), ("internal", None, 1), ("not_author", 4, 1)],
)
async def test_what_is_refused_for_good_is_dropped(store: Store, code: str, seq: int | None, left: int) -> None:
    script = Script()
    script.answer_del = lambda _: Err(None, code, seq=seq)
    async with bob_on(script, store) as bob:
        await told(script, bob)
        assert len(store.statements.list_()) == left


async def test_another_persons_deletion_is_not_its_echo(store: Store) -> None:
    script = Script()
    script.answer_del = lambda sent: msgspec.structs.replace(sent, uid=ALICE.uid)
    async with bob_on(script, store) as bob:
        await told(script, bob)
        assert store.statements.list_() == [replace(STONE)]
