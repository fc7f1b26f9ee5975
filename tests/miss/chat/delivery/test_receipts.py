"""Receipts once more: for whoever may read that place of the log, and for nobody else."""

import msgspec
import pytest

from miss.protocol.crypto.commits import HistoryPolicy, Policy
from miss.protocol.crypto.opcert import Purpose, verify_opcert
from miss.protocol.crypto.receipts import DepositReceipt, parse_receipt, verify_receipt
from miss.protocol.wire.frames import Ack
from tests.miss.chat.kit import EACH_DATABASE, Member, Process, Refused, get
from tests.miss.chat.world import World


async def deposit(world: World, process: Process, *texts: str) -> list[tuple[bytes, DepositReceipt]]:
    """What Anne sends, and what her acks say."""
    told = []
    async with world.anne.connected(process) as anne:
        for text in texts:
            mid, cid, env = world.team.write(world.anne, text)
            ack = await anne.send(mid, cid, env)
            assert isinstance(ack, Ack)
            told.append((env, parse_receipt(ack.receipt)))
    return told


def path(world: World, seq: int) -> str:
    return f"conversations/{world.team.cid.hex()}/receipts/{seq}"


async def readable_by(process: Process, world: World, member: Member, last: int) -> list[int]:
    """Which places up to `last` this person gets a receipt for; the others do not exist for them."""
    found = []
    for seq in range(last + 1):
        answer = await process.http.get(
            f"/api/chat/{path(world, seq)}", headers={"Authorization": f"Bearer {member.token(process)}"}
        )
        if answer.status_code == 200:
            found.append(seq)
        else:
            assert (answer.status_code, msgspec.msgpack.decode(answer.content)["code"]) == (404, "not_found")
    return found


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_reader_gets_what_the_sender_was_told(process: Process, world: World) -> None:
    told = await deposit(world, process, "un", "deux", "trois")
    for seq, (env, first) in enumerate(told, 1):
        answer = await get(process, path(world, seq), world.paul.token(process))
        receipt = parse_receipt(answer["receipt"])
        assert receipt.leaf == first.leaf
        assert receipt.covers(env)
        assert answer["env"] == env
        certs = [verify_opcert(raw, world.place.signer.root_public) for raw in answer["opcerts"]]
        [cert] = [cert for cert in certs if cert.purpose is Purpose.RECEIPT]
        verify_receipt(receipt, cert)


async def test_who_was_never_there_gets_nothing(process: Process, world: World) -> None:
    await deposit(world, process, "un", "deux")
    assert await readable_by(process, world, world.paul, 4) == [1, 2]
    assert await readable_by(process, world, world.hugo, 4) == []


async def test_memberships_bound_what_is_receipted(process: Process, world: World) -> None:
    await deposit(world, process, "avant", "avant encore")
    await world.team.change(world.anne, world.paul, world.hugo)
    await deposit(world, process, "après")
    assert await readable_by(process, world, world.karim, 4) == [1, 2]
    assert await readable_by(process, world, world.hugo, 4) == [3]
    assert await readable_by(process, world, world.anne, 4) == [1, 2, 3]


async def test_history_that_was_opened_is_receipted_too(process: Process, world: World) -> None:
    await deposit(world, process, "avant")
    policy = Policy(history=HistoryPolicy.EVERYTHING)
    await world.team.change(world.anne, world.paul, world.karim, world.hugo, policy=policy)
    assert await readable_by(process, world, world.hugo, 2) == [1]


async def test_another_conversations_place_is_not_a_way_in(process: Process, world: World) -> None:
    await deposit(world, process, "un")
    elsewhere = f"conversations/{'ab' * 32}/receipts/1"
    with pytest.raises(Refused) as refused:
        await get(process, elsewhere, world.anne.token(process))
    assert (refused.value.status, refused.value.code) == (404, "not_found")
