"""A brand-new device reads all unexpired history: paired or recovered, through the real server, after rotations."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from miss.base.ids import AccountId, ConversationId
from miss.client import Client, HistoryPolicy, Policy
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import pair, recover

NEW = "tablette"
OPEN = Policy(history=HistoryPolicy.EVERYTHING)


@dataclass
class Past:
    """What Anne has lived through."""

    closed: ConversationId
    """Anne's own, with Paul; Claire came later and sees nothing of before."""
    opened: ConversationId
    """Paul's; Anne came later and sees everything."""


async def say(client: Client, cid: ConversationId, *said: str) -> None:
    for text in said:
        await client.wait_sent(client.send_text(cid, text))


async def until_reads(client: Client, cid: ConversationId, expected: list[str]) -> None:
    await until_true(client, lambda: texts(client, cid) == expected)


async def live(server: ChatServer, alice: Client, bob: Client, carol_uid: AccountId) -> Past:
    """Two conversations of several epochs, and two rotations in their midst."""
    closed = await alice.create_conversation([bob.uid])
    await say(alice, closed, "c1")
    opened = await bob.create_conversation([carol_uid], policy=OPEN)
    await say(bob, opened, "o1 avant Anne")
    await bob.add_member(opened, alice.uid)
    await say(bob, opened, "o2")
    await until_true(alice, lambda: texts(alice, opened) == ["o1 avant Anne", "o2"])
    await alice.devices.rotate()
    await say(bob, closed, "c2 sous une autre clé")
    await alice.add_member(closed, carol_uid)
    await say(alice, closed, "c3 avec Claire")
    await say(bob, opened, "o3")
    await alice.devices.rotate()
    await say(bob, opened, "o4")
    await say(bob, closed, "c4")
    await until_true(alice, lambda: len(texts(alice, closed)) == 4 and len(texts(alice, opened)) == 4)
    return Past(closed, opened)


async def by_pairing(server: ChatServer, alice: Client) -> None:
    await pair(server, alice, NEW)


async def by_recovery(server: ChatServer, alice: Client) -> None:
    prepared = await alice.recovery.prepare()
    await prepared.confirm(prepared.secret)
    await recover(server, ANNE_MODELE, NEW, code=prepared.secret)


@pytest.mark.parametrize("enrol", [by_pairing, by_recovery])
async def test_a_new_device_reads_all_of_it(
    server: ChatServer, enrol: Callable[[ChatServer, Client], Awaitable[None]]
) -> None:
    _, _, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        past = await live(server, alice, bob, carol_uid)
        await enrol(server, alice)
        async with server.online(NEW) as tablet:
            assert texts(tablet, past.closed) == ["c1", "c2 sous une autre clé", "c3 avec Claire", "c4"]
            assert texts(tablet, past.opened) == ["o1 avant Anne", "o2", "o3", "o4"]
            assert tablet.uid == alice.uid

            # It is a full device: it writes at once, and hears what comes next.
            await say(tablet, past.closed, "de la tablette")
            await until_true(bob, lambda: texts(bob, past.closed)[-1] == "de la tablette")
            await say(bob, past.opened, "à toutes")
            await until_true(tablet, lambda: texts(tablet, past.opened)[-1] == "à toutes")
            await until_true(alice, lambda: texts(alice, past.opened)[-1] == "à toutes")
            await until_true(alice, lambda: texts(alice, past.closed)[-1] == "de la tablette")

    async with server.online(CLAIRE_TEMOIN) as carol:
        assert texts(carol, past.closed) == ["c3 avec Claire", "c4", "de la tablette"]


async def test_rotations_made_by_the_new_device_lose_nothing(server: ChatServer) -> None:
    """It has opened little of the past when it seals the whole vault anew."""
    _, _, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        past = await live(server, alice, bob, carol_uid)
        await pair(server, alice, NEW)
    async with server.online(NEW) as tablet:
        await tablet.devices.rotate()
        await tablet.devices.rotate()
        await pair(server, tablet, "troisième")
    async with server.online("troisième") as third:
        assert texts(third, past.closed) == ["c1", "c2 sous une autre clé", "c3 avec Claire", "c4"]
        assert texts(third, past.opened) == ["o1 avant Anne", "o2", "o3", "o4"]
        # What it passes on to a newcomer is whole, too.
        cid = await third.create_conversation([carol_uid], policy=OPEN)
        await say(third, cid, "n1")
        await third.devices.rotate()
        await say(third, cid, "n2")
        await pair(server, third, "quatrième")
    async with server.online("quatrième") as fourth:
        paul = next(entry.uid for entry in await fourth.directory("EXEMPLE") if entry.rpps == PAUL_EXEMPLE)
        assert paul is not None
        await fourth.add_member(cid, paul)
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["n1", "n2"]


@pytest.mark.parametrize("rotations", [0, 2])
async def test_what_was_left_stays_readable_on_a_new_device(server: ChatServer, rotations: int) -> None:
    _, _, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(PAUL_EXEMPLE) as bob:
        cid = await bob.create_conversation([carol_uid])
        await say(bob, cid, "tant que j'y étais")
        async with server.online(CLAIRE_TEMOIN) as carol:
            await bob.remove_member(cid, carol_uid)
            await until_true(carol, lambda: not carol.conversation(cid).is_member)
            await say(bob, cid, "après son départ")
            for _ in range(rotations):
                await carol.devices.rotate()
            assert texts(carol, cid) == ["tant que j'y étais"]
            await pair(server, carol, NEW)
    async with server.online(NEW) as tablet:
        assert texts(tablet, cid) == ["tant que j'y étais"]
        assert not tablet.conversation(cid).is_member


async def test_who_was_removed_while_offline_learns_it_on_coming_back(server: ChatServer) -> None:
    _, _, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(PAUL_EXEMPLE) as bob:
        cid = await bob.create_conversation([carol_uid])
        await say(bob, cid, "avant")
        async with server.online(CLAIRE_TEMOIN):
            pass
        await bob.remove_member(cid, carol_uid)
        await say(bob, cid, "sans Claire")
    async with server.online(CLAIRE_TEMOIN) as carol:
        assert texts(carol, cid) == ["avant"]
        assert not carol.conversation(cid).is_member
