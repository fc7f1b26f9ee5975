"""Members and secrets: who enters reads what the policy opens, who leaves reads nothing more, races are rebased."""

import asyncio
from pathlib import Path

import pytest

from miss.base.clock import MovableClock, from_ms
from miss.client import HistoryPolicy, Policy
from miss.client.epochs import Epochs
from miss.client.errors import NotInConversation, NotReachable, UnknownConversation
from miss.client.events import Announcer, CommitRefused, ConversationJoined
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, KARIM_ESSAI, PAUL_EXEMPLE
from miss.protocol.errors import BadCommit, CommitError, CommitNotAllowed
from miss.protocol.wire.frames import EpochChanged
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import linked_store, texts
from tests.miss.client.doubles import Server, epochs_on
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, Person, team


@pytest.mark.parametrize(
    ("history", "expected"),
    [(HistoryPolicy.NOTHING, ["après"]), (HistoryPolicy.EVERYTHING, ["avant", "après"])],
)
async def test_a_newcomer_reads_what_the_policy_opens(
    server: ChatServer, history: HistoryPolicy, expected: list[str]
) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(CLAIRE_TEMOIN) as carol:
        cid = await alice.create_conversation([bob_uid], policy=Policy(history=history))
        await alice.wait_sent(alice.send_text(cid, "avant"))
        await alice.add_member(cid, carol_uid)
        await alice.wait_sent(alice.send_text(cid, "après"))

        await until_true(carol, lambda: "après" in texts(carol, cid))
        assert texts(carol, cid) == expected
        await until_true(alice, lambda: alice.conversation(cid).epoch == 2)


async def test_a_removed_member_keeps_the_past_and_gets_nothing_more(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with (
        server.online(ANNE_MODELE) as alice,
        server.online(PAUL_EXEMPLE) as bob,
        server.online(CLAIRE_TEMOIN) as carol,
    ):
        cid = await alice.create_conversation([bob_uid, carol_uid])
        await alice.wait_sent(alice.send_text(cid, "avec Paul"))
        await until_true(bob, lambda: texts(bob, cid) == ["avec Paul"])

        await alice.remove_member(cid, bob_uid)
        await until_true(bob, lambda: not bob.conversation(cid).is_member)
        await alice.wait_sent(alice.send_text(cid, "sans Paul"))
        await until_true(carol, lambda: texts(carol, cid) == ["avec Paul", "sans Paul"])

        assert texts(bob, cid) == ["avec Paul"]
        with pytest.raises(NotInConversation):
            bob.send_text(cid, "et moi ?")
    async with server.online(PAUL_EXEMPLE) as bob:
        assert texts(bob, cid) == ["avec Paul"]
        assert not bob.conversation(cid).is_member


async def test_only_an_admin_changes_the_members(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await until_true(bob, lambda: bob.conversations())

        with pytest.raises(CommitNotAllowed):
            await bob.add_member(cid, carol_uid)


async def test_two_changes_at_once_both_happen(server: ChatServer) -> None:
    numbers = (ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN, KARIM_ESSAI)
    _, bob_uid, carol_uid, karim_uid = await server.link_everybody(*numbers)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])

        await asyncio.gather(alice.add_member(cid, carol_uid), alice.add_member(cid, karim_uid))

        conversation = alice.conversation(cid)
        assert {member.uid for member in conversation.members} == {alice.uid, bob_uid, carol_uid, karim_uid}
        assert conversation.epoch == 3


async def test_somebody_without_a_device_cannot_be_added(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    await server.activate(PAUL_EXEMPLE)
    account = await server.accounts.find_by_rpps(PAUL_EXEMPLE)
    assert account is not None
    async with server.online(ANNE_MODELE) as alice:
        with pytest.raises(NotReachable):
            await alice.create_conversation([account.uid])
        with pytest.raises(UnknownConversation):
            alice.send_text(team().commit.core.cid, "à personne")


async def test_a_refusal_is_not_remembered_once_the_person_has_a_device(server: ChatServer) -> None:
    await server.link_everybody(ANNE_MODELE)
    await server.activate(PAUL_EXEMPLE)
    account = await server.accounts.find_by_rpps(PAUL_EXEMPLE)
    assert account is not None
    async with server.online(ANNE_MODELE) as alice:
        with pytest.raises(NotReachable):
            await alice.create_conversation([account.uid])
        await server.link_everybody(PAUL_EXEMPLE)
        cid = await alice.create_conversation([account.uid])
        async with server.online(PAUL_EXEMPLE) as bob:
            await until_true(bob, lambda: [one.cid for one in bob.conversations()] == [cid])


# What a real server never does


def epochs_of(store: Store, server: Server, owner: Person, announcer: Announcer) -> Epochs:
    time, api, device = ServerTime(MovableClock(from_ms(NOW_MS))), server.api(owner), store.device.get()
    identities = Identities(store, device.root, api, time, announcer)
    return epochs_on(store, api, identities, time, announcer)


async def test_a_commit_announced_is_verified_and_opened(tmp_path: Path) -> None:
    store, announcer, conversation = linked_store(tmp_path / "bob.db", BOB, ALICE), Announcer(), team()
    events, commit = announcer.stream(), conversation.commit
    epochs = epochs_of(store, Server(), BOB, announcer)

    frame = EpochChanged(commit.core.cid, 1, commit.stripped().to_bytes(), commit.box(BOB.uid))
    await epochs.take_frame(frame)
    await epochs.take_frame(frame)

    assert epochs.writable(commit.core.cid) == (commit.stripped(), conversation.es)
    assert await anext(events) == ConversationJoined(commit.core.cid)
    store.close()


async def test_a_commit_of_another_conversation_is_refused(tmp_path: Path) -> None:
    store, commit = linked_store(tmp_path / "bob.db", BOB, ALICE), team().commit
    other = team(HistoryPolicy.EVERYTHING).commit
    epochs = epochs_of(store, Server(), BOB, Announcer())

    with pytest.raises(BadCommit):
        await epochs.take_frame(EpochChanged(other.core.cid, 1, commit.stripped().to_bytes(), commit.box(BOB.uid)))
    store.close()


async def test_a_forged_commit_is_refused(tmp_path: Path) -> None:
    store, commit = linked_store(tmp_path / "bob.db", BOB, ALICE), team().commit
    forged = commit.stripped().to_bytes().replace(commit.sig, bytes(64))
    epochs = epochs_of(store, Server(), BOB, Announcer())

    with pytest.raises(CommitError):
        await epochs.take_frame(EpochChanged(commit.core.cid, 1, forged, commit.box(BOB.uid)))

    assert store.conversations.find(commit.core.cid) is None
    store.close()


async def test_a_box_for_somebody_else_leaves_the_epoch_without_secret(tmp_path: Path) -> None:
    store, announcer, commit = linked_store(tmp_path / "bob.db", BOB, ALICE), Announcer(), team().commit
    events = announcer.stream()
    server, stripped = Server(), commit.stripped().to_bytes()
    server.answers["/api/chat/vault"] = 200, {"generation": 1, "entries": [], "more": False}
    server.answers[f"/api/chat/conversations/{commit.core.cid.hex()}/commits"] = (
        200,
        {"commits": [stripped], "boxes": [None], "histories": [None]},
    )
    epochs = epochs_of(store, server, BOB, announcer)

    await epochs.take_frame(EpochChanged(commit.core.cid, 1, stripped, None))

    assert await anext(events) == ConversationJoined(commit.core.cid)
    assert await anext(events) == CommitRefused(commit.core.cid, "box_missing")
    epoch = store.conversations.last_epoch(commit.core.cid)
    assert epoch is not None
    assert epoch.es is None
    store.close()
