"""A desk without windows, and a colleague, over the real server."""

import asyncio
from collections.abc import Callable

from clients.desktop.state import facts as f
from clients.desktop.state.reading import Reach, receipt_of
from miss.client.events import ConnectionState
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.desk import Desk, begun
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.files.test_photo import jpeg

PDF = b"%PDF-1.7\n%%EOF\n"


async def test_from_the_letter_to_an_answer(server: ChatServer, desks: Callable[..., Desk]) -> None:
    await server.link_everybody(PAUL_EXEMPLE)
    desk = desks("desk")
    await desk.link(server, ANNE_MODELE)
    await desk.until(lambda: desk.state.is_synced)
    me = desk.state.me
    assert me is not None
    assert desk.state.connection is ConnectionState.OPEN
    async with server.online(PAUL_EXEMPLE) as paul:
        found = await desk.ask(lambda account: account.directory("EXEMPLE"))
        [paul_found] = [one for one in found if one.entry.uid == paul.uid]
        assert paul_found.entry.uid is not None
        uids = [paul_found.entry.uid]
        cid = await desk.ask(lambda account: account.begin(uids))
        assert await desk.ask(lambda account: account.begin(uids)) == cid, "one person, one conversation"

        desk.do(f.ConversationChosen(cid))
        desk.core.show(lambda account: account.show(cid))
        await desk.ask(lambda account: account.send_text(cid, "Une lésion du talon."))
        await until_true(paul, lambda: paul.conversations() and texts(paul, cid) == ["Une lésion du talon."])
        paul.mark_read(cid, paul.conversation(cid).last_seq)
        await desk.until(lambda: desk.state.thread and len(desk.state.thread.messages) == 1)
        await desk.until(
            lambda: (
                desk.state.thread
                and receipt_of(desk.state.thread, desk.state.thread.messages[-1], me.uid).reach is Reach.READ
            )
        )
        paul.send_text(cid, "Bien reçue.")
        await desk.until(lambda: desk.state.rows and desk.state.rows[0].unread == 1)
        assert desk.state.rows[0].title == "Paul EXEMPLE"
        assert desk.state.rows[0].last is not None
        assert desk.state.rows[0].last.author == "Paul EXEMPLE"
        assert [one for one in desk.facts if isinstance(one, f.Arrived)], "something to notify of"

    desk.do(f.SearchBegun("lesion"))
    await desk.ask(lambda account: account.search("lesion"))
    assert [hit.text for hit in desk.state.hits] == ["Une lésion du talon."]


async def test_a_document_is_found_by_its_name_a_photograph_by_its_caption_alone(
    server: ChatServer, desks: Callable[..., Desk]
) -> None:
    desk = desks("desk")
    async with begun(server, desk) as (paul, cid):
        await paul.wait_sent(await paul.send_file(cid, PDF, "Écho du talon.pdf", "le compte rendu"))
        await paul.wait_sent(await paul.send_file(cid, PDF, "lettre.pdf"))
        await paul.wait_sent(await paul.send_photo(cid, jpeg((32, 24)), "vue du talon"))
        await desk.until(lambda: desk.state.rows and desk.state.rows[0].unread == 3)

    async def hits(typed: str) -> list[str]:
        desk.do(f.SearchBegun(typed))
        await desk.ask(lambda account: account.search(typed))
        return [hit.text for hit in desk.state.hits]

    assert await hits("echo") == await hits("compte talon") == ["le compte rendu · Écho du talon.pdf"]
    assert await hits("lettre") == ["lettre.pdf"]
    assert await hits("vue") == ["vue du talon"]
    assert await hits("jpg") == await hits("photo") == []


async def test_what_is_asked_after_the_end_is_not_done(server: ChatServer, desks: Callable[..., Desk]) -> None:
    desk = desks("desk")
    await desk.link(server, ANNE_MODELE)
    await asyncio.to_thread(desk.core.stop)
    done: list[object] = []
    desk.core.ask(lambda account: account.read_cases(), done.append, done.append).cancel()
    desk.core.close_account(lambda: done.append("closed"))
    assert done == []
