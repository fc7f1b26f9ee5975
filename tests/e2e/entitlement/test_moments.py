"""Moments that a random story came upon first, told on their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.client.model import TEXT
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.miss.client.account.test_history import OPEN, say
from tests.miss.client.chat_server import ChatServer, running, until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import reset


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ChatServer]:
    async with running(tmp_path) as server:
        yield server


async def test_who_is_let_into_an_open_conversation_reads_it_at_once(server: ChatServer) -> None:
    """Not only when somebody says something next."""
    anne_uid, _ = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await paul.create_conversation([], policy=OPEN)
        await say(paul, cid, "avant Anne")
        await paul.add_member(cid, anne_uid)
        await until_true(anne, lambda: texts(anne, cid) == ["avant Anne"])


async def test_who_comes_back_after_others_changed_keys_reads_on(server: ChatServer) -> None:
    """Commits that were made meanwhile are no end of the conversation."""
    anne_uid, _, claire_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await paul.create_conversation([anne_uid])
        await say(paul, cid, "à deux")
        await until_true(anne, lambda: texts(anne, cid) == ["à deux"])
        await paul.remove_member(cid, anne_uid)
        await until_true(anne, lambda: not anne.conversation(cid).is_member)
        await paul.add_member(cid, claire_uid)
        await say(paul, cid, "sans Anne")
        await paul.add_member(cid, anne_uid)
        await until_true(anne, lambda: anne.conversation(cid).is_member)
        await say(paul, cid, "de nouveau")
        await until_true(anne, lambda: texts(anne, cid) == ["à deux", "de nouveau"])


async def test_who_was_started_over_may_write_first(server: ChatServer) -> None:
    """The secret in force was sealed to nobody they are now: they renew it, as every member may."""
    anne_uid, _ = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(PAUL_EXEMPLE) as paul:
        cid = await paul.create_conversation([anne_uid])
        await say(paul, cid, "avant")
    await reset(server, ANNE_MODELE, "nouveau")
    async with server.online("nouveau") as anne:
        await say(anne, cid, "me revoici")
        assert [one.text for one in anne.messages(cid) if one.type == TEXT and not one.refused] == ["me revoici"]
    async with server.online(PAUL_EXEMPLE) as paul:
        paul.contacts.accept(anne_uid)
        assert texts(paul, cid) == ["avant", "me revoici"]


async def test_who_is_given_the_past_back_reads_what_was_refused(server: ChatServer) -> None:
    """At once, although their device had looked at those places before, and could not open them."""
    anne_uid, _ = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(PAUL_EXEMPLE) as paul:
        cid = await paul.create_conversation([anne_uid], policy=OPEN)
        await say(paul, cid, "avant")
    await reset(server, ANNE_MODELE, "nouveau")
    async with server.online("nouveau") as anne, server.online(PAUL_EXEMPLE) as paul:
        await until_true(anne, lambda: any(one.refused for one in anne.messages(cid)))
        paul.contacts.accept(anne_uid)
        await paul.remove_member(cid, anne_uid)
        await until_true(anne, lambda: not anne.conversation(cid).is_member)
        await paul.add_member(cid, anne_uid)
        await until_true(anne, lambda: texts(anne, cid) == ["avant"])
