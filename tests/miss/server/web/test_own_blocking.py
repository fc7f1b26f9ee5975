"""Correspondents blocked and unblocked on their page, and what the chat of the same server makes of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.directory.accounts import ActivationPurpose
from miss.directory.blocking import BlockReason
from miss.server.demo.people import issue_code
from tests.miss.chat.kit import Member, Refused, Team
from tests.miss.server.web.test_account import place_of, process_of
from tests.miss.server.web.visitors import ANNE, PAUL, Place, opened

BLOCKS = "/compte/blocages"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path) as place:
        yield place


async def test_a_list_is_kept_and_shown_to_its_owner_only(place: Place) -> None:
    anne = place.anne
    assert "Vous ne bloquez personne." in await anne.see(BLOCKS)
    answer = await anne.send(BLOCKS, {"whom": PAUL, "reason": "format"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BLOCKS}?fait=ajout")
    await anne.send(BLOCKS, {"whom": "quelquun@ailleurs.example", "reason": "other"})
    page = await anne.see(f"{BLOCKS}?fait=ajout")
    assert place.paul.practitioner.display_name in page
    assert "Le format de ses messages ne me convient pas" in page
    assert "quelquun@ailleurs.example" in page
    assert "hors annuaire" in page
    assert "Blocked correspondents" in await anne.see(BLOCKS, "en")
    assert "Vous ne bloquez personne." in await place.paul.see(BLOCKS)
    undo = re.findall(rf"{BLOCKS}/[0-9a-f-]+/retrait", page)
    assert len(undo) == 2
    assert (await place.paul.send(undo[0])).status_code == 404
    assert (await anne.send(undo[0])).headers["location"] == f"{BLOCKS}?fait=retrait"
    assert (await anne.send(undo[0])).status_code == 404
    assert "quelquun@ailleurs.example" not in await anne.see(BLOCKS)


async def test_what_cannot_be_blocked_comes_back_with_the_reason(place: Place) -> None:
    for form, said in (
        ({"whom": "x<y", "reason": "other"}, "ni le numéro RPPS"),
        ({"whom": ANNE, "reason": "other"}, "vous bloquer vous-même"),
        ({"whom": PAUL, "reason": "colère"}, "Choisissez l’une"),
        ({"whom": PAUL}, "Choisissez l’une"),
    ):
        answer = await place.anne.send(BLOCKS, form)
        assert answer.status_code == 400
        assert said in answer.text
        assert f'value="{form["whom"].replace("<", "&lt;")}"' in answer.text
    assert list(await place.server.house.own.blocking.list_(place.anne.uid)) == []


async def test_the_chat_of_this_server_refuses_who_is_blocked(place: Place, tmp_path: Path) -> None:
    chat = place_of(place.server, tmp_path)
    async with process_of(place.server) as process:
        members = []
        for visitor, rpps in ((place.anne, ANNE), (place.paul, PAUL)):
            code = await issue_code(place.server.house, rpps, ActivationPurpose.DEVICE)
            member = await Member.prepare(process, chat, visitor.account, rpps, code)
            await member.link_device(process, member.genesis(chat.clock.now()))
            members.append(member)
        anne, paul = members
        team = await Team.gather(process, chat, paul, anne)
        await place.anne.send(BLOCKS, {"whom": PAUL, "reason": BlockReason.UNWANTED.value})
        with pytest.raises(Refused) as refused:
            await Team.gather(process, chat, paul, anne)
        assert refused.value.code == "writer_unwanted"
        with pytest.raises(Refused) as refused:
            await team.change(paul, anne)
        assert refused.value.code == "writer_unwanted"
