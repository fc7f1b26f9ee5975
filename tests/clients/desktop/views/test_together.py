"""One group on three kinds of client: a desktop's window, a browser, a program; then the desktop is taken out."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.desktop.sync.account import Account
from miss.base.clock import SystemClock
from miss.base.ids import AccountId, ConversationId
from miss.client import Client
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.desktop.views.conftest import ServerThread
from tests.clients.desktop.views.scene import Scene
from tests.clients.web.tabs import Tab, bundle, chromium
from tests.clients.web.ward import Ward
from tests.miss.client.files.test_photo import jpeg

pytestmark = [pytest.mark.desktop, pytest.mark.browser]

Told = list[tuple[int, str]]
LONG_S = 120


class Meeting:
    """Anne at her desk, Claire in a browser, Paul's program; everything but the window lives in the server's loop."""

    def __init__(self, scene: Scene, colleagues: ServerThread, claire: Tab) -> None:
        self.scene = scene
        self.colleagues = colleagues
        self.claire = claire
        self.paul: Client = colleagues.online(PAUL_EXEMPLE)
        self.cid: ConversationId = ConversationId(b"")

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Something in the server's loop, while the window goes on living."""
        doing: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.colleagues._loop)
        self.scene.until(doing.done)
        return doing.result()

    def told(self) -> list[Told]:
        """What each of the three shows, in the order in which it shows it."""
        shown: list[Told] = []
        self.scene.desktop.core.ask(self._at_the_desk, shown.append)
        self.scene.until(lambda: shown)
        in_browser = [(one["seq"], one["text"]) for one in self.run(self.claire.call("messages", self.hex, None, 1000))]
        program = self.colleagues.call(lambda: [(one.seq, one.text) for one in self.paul.messages(self.cid)])
        return [*shown, in_browser, program]

    async def _at_the_desk(self, account: Account) -> Told:
        return [(one.seq, one.text) for one in account.client.messages(self.cid)]

    @property
    def hex(self) -> str:
        return self.cid.hex()

    def everybody_has(self, *texts: str) -> Told:
        """Wait until each of the three shows these; what all show, which has to be one order."""
        wanted = set(texts)
        self.scene.until(
            lambda: self.scene.desktop.state.thread and wanted <= {one.text for one in self.scene.thread.messages}
        )
        self.run(self.claire.until(lambda: self._browser_has(wanted)))
        self.scene.until(
            lambda: wanted <= set(self.colleagues.call(lambda: [one.text for one in self.paul.messages(self.cid)]))
        )
        desk, browser, program = self.told()
        assert desk == browser == program
        return desk

    async def _browser_has(self, wanted: set[str]) -> bool:
        return wanted <= {one["text"] for one in await self.claire.call("messages", self.hex, None, 1000)}


@pytest.fixture
def meeting(scene: Scene, colleagues: ServerThread, tmp_path: Path) -> Iterator[Meeting]:
    browsing = chromium()
    browser = asyncio.run_coroutine_threadsafe(browsing.__aenter__(), colleagues._loop).result(LONG_S)
    try:
        ward = Ward(colleagues.server, browser, bundle(tmp_path))
        claire = asyncio.run_coroutine_threadsafe(ward.link(CLAIRE_TEMOIN), colleagues._loop).result(LONG_S)
        scene.link(ANNE_MODELE)
        yield Meeting(scene, colleagues, claire)
    finally:
        asyncio.run_coroutine_threadsafe(browsing.__aexit__(None, None, None), colleagues._loop).result(LONG_S)


def test_a_desktop_a_browser_and_a_program_share_a_group(meeting: Meeting, tmp_path: Path) -> None:
    scene, paul = meeting.scene, meeting.paul
    anne = AccountId(scene.desktop.me_uid)
    claire = AccountId(bytes.fromhex(meeting.run(meeting.claire.call("owner"))["uid"]))
    meeting.cid = meeting.run(paul.create_conversation([anne, claire], name="Plaie du talon"))
    scene.until(lambda: scene.desktop.state.rows)
    scene.desktop.choose(meeting.cid)
    scene.until(lambda: scene.desktop.state.thread)

    async def is_known() -> bool:
        return meeting.hex in {one["cid"] for one in await meeting.claire.call("conversations")}

    meeting.run(meeting.claire.until(is_known))
    scene.until(lambda: meeting.colleagues.call(paul.conversations))

    # Everybody writes at once; the server decides the order, and everybody shows that one
    field = scene.window.work.pane.composer.field
    for rank in range(3):
        field.setPlainText(f"Du poste {rank}")
        field.sent.emit()
        meeting.colleagues.call(lambda rank=rank: paul.send_text(meeting.cid, f"Du programme {rank}"))  # type: ignore[misc]
        meeting.run(meeting.claire.call("sendText", meeting.hex, f"Du navigateur {rank}"))
    authors = ("poste", "programme", "navigateur")
    shown = meeting.everybody_has(*(f"Du {author} {rank}" for author in authors for rank in range(3)))
    for author in authors:
        assert [text[-1] for _seq, text in shown if author in text] == ["0", "1", "2"]

    # A photograph from the desk, seen by the others
    photo = jpeg((800, 600))
    scene.desktop.core.ask(lambda account: account.send_photo(meeting.cid, photo, "Voici la plaie"))
    seq = meeting.everybody_has("Voici la plaie")[-1][0]
    seen = meeting.run(meeting.claire.call("fetchFile", meeting.hex, seq, 0))
    received = meeting.colleagues.call(lambda: paul.message(meeting.cid, seq))
    fetched = meeting.run(paul.fetch_file(received))
    assert fetched.startswith(b"\xff\xd8")
    assert len(seen["bytes"]) >= len(fetched)

    # An alarm from the program, acknowledged at the desk, known to all
    deadline = SystemClock().now() + timedelta(minutes=30)
    meeting.colleagues.call(lambda: paul.send_alarm(meeting.cid, "Kaliémie 6,8", ack_by=deadline))
    scene.until(lambda: scene.desktop.state.alarms)
    [alarm] = scene.desktop.state.alarms
    scene.window.work._acknowledge(meeting.cid, alarm.seq)
    scene.until(lambda: not scene.desktop.state.alarms)
    scene.until(lambda: not meeting.colleagues.call(paul.open_alarms))

    async def nothing_is_open() -> bool:
        return list(await meeting.claire.call("openAlarms")) == []

    meeting.run(meeting.claire.until(nothing_is_open))

    scene.take_out(tmp_path)
    # Nothing of the account stays on the disk; its entry goes first, its files right after.
    scene.until(lambda: not list((meeting.scene.home / "profiles").iterdir()))
    assert scene.profiles.list_() == []
    scene.until(lambda: scene.window.pages.currentWidget() is scene.window.link)
    meeting.colleagues.call(lambda: paul.send_text(meeting.cid, "Après"))
    meeting.run(meeting.claire.seq_of(meeting.hex, "Après"))
    assert meeting.claire.complaints == []
