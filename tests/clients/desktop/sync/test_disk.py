"""A shared machine: nothing that A wrote, received, searched or opened is readable on its disk under B."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clients.desktop.state import facts as f
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.desktop.desk import PIN, Desk
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts

pytestmark = pytest.mark.desktop
SECRETS = ("lésion du talon", "kaliémie dangereuse", "brouillon inavouable", "Plaie du talon", "ordonnance-secrete")
PDF = b"%PDF-1.4\n% ordonnance-secrete\n%%EOF\n"


def readable(root: Path) -> list[tuple[str, str]]:
    """Which secrets stand in which files, in any encoding that a text may lie in."""
    found = []
    for path in root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in SECRETS:
                encodings = (secret.encode(), secret.encode("utf-16-le"), secret.encode("latin-1"))
                if any(one in content for one in encodings) or secret in path.name:
                    found.append((path.name, secret))
    return found


async def test_nothing_of_one_is_there_for_the_other(
    server: ChatServer, desks: Callable[..., Desk], tmp_path: Path
) -> None:
    await server.link_everybody(PAUL_EXEMPLE)
    desk = desks("ward")
    await desk.link(server, ANNE_MODELE)
    await desk.until(lambda: desk.state.is_synced)
    async with server.online(PAUL_EXEMPLE) as paul:
        uids = [paul.uid]
        cid = await desk.ask(lambda account: account.begin(uids, "Plaie du talon"))
        desk.do(f.ConversationChosen(cid))
        desk.core.show(lambda account: account.show(cid))
        await desk.ask(lambda account: account.send_text(cid, "Une lésion du talon."))
        await until_true(paul, lambda: paul.conversations() and "Une lésion du talon." in texts(paul, cid))
        paul.send_text(cid, "Sa kaliémie dangereuse a baissé.")
        await paul.send_file(cid, PDF, "ordonnance-secrete.pdf")
        await desk.until(lambda: desk.state.thread and any(one.attachments for one in desk.state.thread.messages))
        assert desk.state.thread is not None
        [with_file] = [one for one in desk.state.thread.messages if one.attachments]
        opened = await desk.ask(lambda account: account.open_elsewhere(with_file))
        assert opened.read_bytes() == PDF, "while A is there, A's viewer reads it"
        await desk.ask(lambda account: account.save_draft(cid, "brouillon inavouable"))
        await desk.ask(lambda account: account.search("lesion"))
    assert readable(tmp_path / "ward"), "the test sees what is in clear"
    assert {name for name, _secret in readable(tmp_path / "ward")} == {"ordonnance-secrete.pdf"}

    await desk.close_account()
    await desk.link(server, CLAIRE_TEMOIN, "un-autre-code-42")
    await desk.until(lambda: desk.state.is_synced)
    assert readable(tmp_path / "ward") == []
    assert not any((desk.state.rows, desk.state.hits, desk.state.chosen))

    await desk.open("MODELE", PIN)  # straight from one to the other
    await desk.until(lambda: desk.state.is_synced)
    assert [row.title for row in desk.state.rows] == ["Plaie du talon"]
    assert desk.state.rows[0].has_draft
