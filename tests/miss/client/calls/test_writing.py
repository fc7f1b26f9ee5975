"""Messages and what is said about them, through the real server, as every device comes to show them."""

import pytest

from miss.base.ids import AccountId, MessageId, uuid7
from miss.base.random import system_random
from miss.client import Client
from miss.client.errors import MessageGone, NotAMember, NotAnEmoji, NotYourMessage, ServerRefused, UnknownMessage
from miss.client.events import MessageChanged
from miss.client.model import EDIT, Message, Reaction, SavedDraft
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.miss.client.chat_server import CLOCK, ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.files.test_photo import jpeg

NOBODY = AccountId(b"n" * 16)


def last(client: Client, cid: object) -> Message:
    return client.messages(cid)[-1]  # type: ignore[arg-type]


async def test_replies_mentions_and_urgency(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "Kaliémie à 6,8", urgent=True, mentions=[bob_uid]))
        await until_true(bob, lambda: texts(bob, cid))
        asked = last(bob, cid)
        assert (asked.urgent, asked.mentions, asked.is_for(bob.uid), asked.is_for(alice.uid)) == (
            True,
            (bob_uid,),
            True,
            False,
        )

        await bob.wait_sent(bob.send_text(cid, "Je rappelle.", reply=asked.mid))
        await until_true(alice, lambda: len(texts(alice, cid)) == 2)
        quote = last(alice, cid).quote
        assert quote is not None
        assert (quote.seq, quote.uid, quote.text, quote.is_deleted) == (1, alice.uid, "Kaliémie à 6,8", False)
        assert last(bob, cid).quote == quote
        with pytest.raises(NotAMember):
            alice.send_text(cid, "et vous ?", mentions=[NOBODY])


async def test_reactions_are_one_a_person_and_emoji_and_can_be_taken_back(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "Opérée, tout va bien."))
        await until_true(bob, lambda: texts(bob, cid))
        for emoji in ("👍", "👍", "❤️"):
            await bob.wait_sent(bob.react(cid, 1, emoji))
        await alice.wait_sent(alice.react(cid, 1, "👍"))
        shown = (Reaction("👍", (bob.uid, alice.uid)), Reaction("❤️", (bob.uid,)))
        await until_true(alice, lambda: alice.message(cid, 1).reactions == shown)
        assert len(alice.messages(cid)) == 1  # a reaction has no place of its own
        assert bob.conversation(cid).unread == 1

        await bob.wait_sent(bob.withdraw_reaction(cid, 1, "👍"))
        left = (Reaction("👍", (alice.uid,)), Reaction("❤️", (bob.uid,)))
        await until_true(alice, lambda: alice.message(cid, 1).reactions == left)
        await bob.wait_sent(bob.withdraw_reaction(cid, 1))
        await until_true(alice, lambda: alice.message(cid, 1).reactions == left[:1])

        for wrong in ("", "a", "👍 oui", "👍" * 9, "7"):
            with pytest.raises(NotAnEmoji):
                bob.react(cid, 1, wrong)
        with pytest.raises(UnknownMessage):
            bob.react(cid, 99, "👍")


async def test_an_edit_leaves_what_was_said_before(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid, carol_uid])
        await alice.wait_sent(alice.send_text(cid, "amoxicilline 1 g"))
        await until_true(bob, lambda: texts(bob, cid))
        heard = bob.events()
        await alice.wait_sent(alice.edit(cid, 1, "amoxicilline 2 g"))
        await alice.wait_sent(alice.edit(cid, 1, "amoxicilline 3 g"))
        await until_true(bob, lambda: texts(bob, cid) == ["amoxicilline 3 g"])

        edited = bob.message(cid, 1)
        assert [version.text for version in edited.versions] == ["amoxicilline 1 g", "amoxicilline 2 g"]
        assert edited.edited_at is not None
        assert edited.edited_at > edited.versions[1].written_at > edited.versions[0].written_at == edited.sent_at
        changes = [event async for event in _until_edited(heard, 2)]
        assert [(change.how, change.by, change.message.text) for change in changes] == [
            (EDIT, alice.uid, "amoxicilline 2 g"),
            (EDIT, alice.uid, "amoxicilline 3 g"),
        ]
        with pytest.raises(NotYourMessage):
            bob.edit(cid, 1, "rien")
    async with server.online(CLAIRE_TEMOIN) as carol:  # who was away
        assert carol.message(cid, 1) == edited


async def _until_edited(events, count: int):  # type: ignore[no-untyped-def]
    while count:
        event = await anext(events)
        if isinstance(event, MessageChanged):
            count -= 1
            yield event


async def test_a_deletion_leaves_its_trace_and_nothing_else(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(CLAIRE_TEMOIN) as carol, server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid, carol_uid])
        await until_true(carol, lambda: carol.conversations())
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        await alice.wait_sent(await alice.send_photo(cid, jpeg(), "mauvais patient"))
        await alice.wait_sent(alice.edit(cid, 1, "CANARI mauvaise photo"))
        await until_true(bob, lambda: texts(bob, cid) == ["CANARI mauvaise photo"])
        photo = bob.message(cid, 1)
        await bob.wait_sent(bob.send_text(cid, "Qui est-ce ?", reply=photo.mid))
        with pytest.raises(NotYourMessage):
            bob.delete(cid, 1)

        await alice.wait_sent(alice.delete(cid, 1))
        await until_true(bob, lambda: bob.message(cid, 1).is_deleted)
        gone = bob.message(cid, 1)
        assert (gone.uid, gone.text, gone.attachments, gone.versions) == (alice.uid, "", (), ())
        assert gone.deleted_at is not None
        assert bob.messages(cid)[1].quote is not None
        assert bob.messages(cid)[1].quote.is_deleted  # type: ignore[union-attr]
        assert alice.message(cid, 1).is_deleted
        with pytest.raises(MessageGone):
            alice.edit(cid, 1, "encore")
        with pytest.raises(MessageGone):
            bob.react(cid, 1, "👍")
        await until_true(alice, lambda: not alice._store.statements.list_())
        with pytest.raises(ServerRefused) as refused:
            await bob.fetch_photo(photo)
        assert refused.value.server_code == "not_found"
        # The log goes on over what is gone.
        await bob.wait_sent(bob.send_text(cid, "compris"))
        await until_true(alice, lambda: texts(alice, cid)[-1:] == ["compris"])
        assert alice.split_views(cid) == bob.split_views(cid) == []

    # Who was away, and sees the server's empty places only.
    async with server.online(CLAIRE_TEMOIN) as carol:
        shown = carol.messages(cid)
        assert [(one.seq, one.uid, one.is_deleted) for one in shown][:2] == [(1, alice.uid, True), (3, bob_uid, False)]
        assert texts(carol, cid) == ["", "Qui est-ce ?", "compris"]
        assert carol.split_views(cid) == []
        await carol.wait_sent(carol.send_text(cid, "suite"))
    async with server.online(PAUL_EXEMPLE) as bob:
        assert bob.split_views(cid) == []
    await server.stop()
    for path in server.folder.rglob("*"):
        assert not path.is_file() or b"CANARI" not in path.read_bytes()


async def test_a_deletion_written_offline_survives_a_restart(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        await alice.wait_sent(alice.send_text(cid, "trop vite"))
    with server.store(ANNE_MODELE) as store:
        offline = Client.open(store, clock=CLOCK, random_bytes=system_random)
        offline.edit(cid, 1, "moins vite")
        offline.delete(cid, 1)
        assert [waiting.type for waiting in offline.outgoing(cid)] == ["delete"]
    async with server.online(PAUL_EXEMPLE) as bob, server.online(ANNE_MODELE) as alice:
        await until_true(bob, lambda: bob.message(cid, 1).is_deleted)
        await until_true(alice, lambda: not alice._store.statements.list_())


async def test_drafts_are_sealed_and_survive(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        alice.save_draft(cid, "CANARI Madame D", urgent=True, mentions=[bob_uid])
    assert b"CANARI" not in server.store_path(ANNE_MODELE).read_bytes()
    async with server.online(ANNE_MODELE) as alice:
        assert alice.draft(cid) == SavedDraft("CANARI Madame D", None, (bob_uid,), True)
        alice.send_text(cid, "autre chose")
        assert alice.draft(cid) is not None
        alice.send_text(cid, "CANARI Madame D")
        assert alice.draft(cid) is None
        alice.save_draft(cid, "x")
        alice.save_draft(cid, "")
        assert alice.draft(cid) is None


async def test_the_same_identifier_twice_is_one_message_waiting_or_sent(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    mid = MessageId(uuid7(CLOCK.now(), system_random))
    async with server.online(ANNE_MODELE) as alice:
        cid = await alice.create_conversation([bob_uid])
        assert alice.send_text(cid, "Une demande vous est proposée.", mid=mid) == mid
        alice.send_text(cid, "Une demande vous est proposée.", mid=mid)
        assert [waiting.mid for waiting in alice.outgoing(cid)] == [mid]
        await alice.wait_sent(mid)
        alice.send_text(cid, "Une demande vous est proposée.", mid=mid)
        assert alice.outgoing(cid) == [], "nothing more is to be sent"
