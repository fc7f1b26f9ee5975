"""The page at which one works: offline, lists, extracts, requests for advice, and a device that is taken out."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from clients.desktop.state import facts as f
from clients.desktop.state.cases import Case, Cases, Handed
from clients.desktop.state.reading import MessageLine
from clients.desktop.sync import describe
from clients.desktop.sync.calls import reading
from clients.desktop.views.dialogs.extract import ExtractDialog
from clients.desktop.views.dialogs.members import MembersDialog
from clients.desktop.views.tray import icon
from miss.base.ids import AccountId
from miss.client.events import PresenceChanged
from miss.client.model import Presence
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def test_lines_are_read_out_and_history_comes_as_one_scrolls(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (describe, reading):
        monkeypatch.setattr(module, "PAGE", 20)
    scene.link(ANNE_MODELE)
    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    scene.colleagues.call(lambda: [paul.send_text(cid, f"Message {rank}") for rank in range(45)])
    scene.until(lambda: scene.desktop.state.rows[0].unread == 45)
    rows = scene.window.work.list.rows_model
    spoken = rows.data(rows.index(0), ACCESSIBLE)
    assert spoken.startswith("Paul EXEMPLE, 45 non lus, Paul\u00a0: Message 44")

    scene.desktop.core.ask(lambda account: account.mark_all_read())
    scene.until(lambda: scene.desktop.state.rows[0].unread == 0)
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread and len(scene.thread.messages) == 20)
    messages = scene.window.work.pane.messages
    model = messages.lines_model
    last = model.lines[-1]
    assert isinstance(last, MessageLine)
    assert model.data(model.index(len(model.lines) - 1), ACCESSIBLE).startswith("Paul EXEMPLE, ")
    bar = messages.verticalScrollBar()
    scene.until(lambda: bar.value() == bar.maximum() > 0)

    bar.setValue(0)
    scene.until(lambda: len(scene.thread.messages) == 40 and bar.value() > 0)  # what was in front stays in front


def test_offline_is_said_and_what_is_written_waits(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    _paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread)
    scene.colleagues.run(scene.colleagues.server.stop())
    banner = scene.window.work.offline
    scene.until(lambda: banner.isVisible())
    scene.window.work.pane.composer.field.setPlainText("Partira plus tard")
    scene.window.work.pane.composer.field.sent.emit()
    scene.until(lambda: "1 message attend" in banner.text and len(scene.thread.waiting) == 1)
    scene.colleagues.run(scene.colleagues.server.start())
    scene.until(lambda: not banner.isVisible() and scene.thread.messages)


def test_an_extract_with_its_proofs(scene: Scene, tmp_path: Path) -> None:
    scene.link(ANNE_MODELE)
    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    scene.colleagues.call(lambda: paul.send_text(cid, "Plaie propre <b>ce matin</b>"))
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread and scene.thread.messages)
    dialog = ExtractDialog(scene.desktop, scene.thread, scene.window)
    dialog.show()
    dialog._gather(tmp_path / "extrait.pdf")
    scene.until(lambda: not dialog.isVisible())
    assert (tmp_path / "extrait.pdf").read_bytes().startswith(b"%PDF-")
    [proof] = (tmp_path / "extrait.preuves").iterdir()
    assert proof.name == "0001.miss-proof"
    assert proof.stat().st_size > 200


def test_requests_for_advice_are_listed_and_said(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    page, now = scene.window.cases, scene.desktop.clock.now()
    offer = Case("TE26000001", "Dermatologie", "assigned", "À accepter", deadline_at=now - timedelta(hours=1))
    mine = Case("TE26000002", "Plaies", "answered", "Répondue", ended_at=now, is_asked_by_me=True)
    moved: list[Case] = []
    scene.desktop.cases_moved.connect(moved.extend)
    scene.until(lambda: scene.desktop.state.cases.is_read)
    assert "téléexpertise" in page.note.text(), "this server has none, and it says so"
    scene.desktop.do(f.CasesTold(Cases(is_read=True)))
    scene.desktop.do(f.CasesTold(Cases((offer,), (replace(mine, handed=Handed.TAKEN),), is_read=True)))
    scene.settle()
    assert [one.number for one in moved] == ["TE26000001", "TE26000002"]
    assert "en retard" in page.to_answer.item(0).text()
    assert "intégré" in page.asked.item(0).text()
    assert page.answer_title.text() == "Avis à rendre\u00a0: 1 · dont 1 en retard"
    page.to_answer.setCurrentRow(0)
    assert page.open.isEnabled()
    assert not page.hand.isEnabled()


def test_taken_out_by_its_owner_nothing_is_left(scene: Scene, tmp_path: Path) -> None:
    scene.link(ANNE_MODELE)
    [profile] = scene.profiles.list_()
    folder = profile.folder
    scene.take_out(tmp_path)
    scene.until(lambda: not folder.exists())
    assert scene.profiles.list_() == []
    scene.until(lambda: scene.window.pages.currentWidget() is scene.window.link)


def test_the_icon_says_how_much(scene: Scene) -> None:
    assert icon(0).pixmap(64, 64).toImage() != icon(3).pixmap(64, 64).toImage()
    assert icon(3).pixmap(64, 64).toImage() != icon(3, is_alarm=True).pixmap(64, 64).toImage()


def test_who_is_there_is_said_both_ways(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    me = AccountId(scene.desktop.me_uid)
    heard: list[Presence] = []
    stream = scene.colleagues.call(paul.events)

    def note(event: object) -> None:
        if isinstance(event, PresenceChanged) and event.uid == me:
            heard.append(event.presence)

    async def listen() -> None:
        async for event in stream:
            note(event)

    listening = asyncio.run_coroutine_threadsafe(listen(), scene.colleagues._loop)
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread)
    scene.colleagues.call(lambda: paul.set_presence(Presence.ON_DUTY))
    scene.until(lambda: scene.window.work.pane.under.text().startswith("De garde · "))
    members = MembersDialog(scene.desktop, cid, scene.window)
    assert any("De garde" in members.members.item(place).text() for place in range(2))

    [quiet] = [one for one in scene.window._presences.actions() if one.data() is Presence.DO_NOT_DISTURB]
    quiet.trigger()
    scene.until(lambda: heard[-1:] == [Presence.DO_NOT_DISTURB] and quiet.isChecked())
    [present] = [one for one in scene.window._presences.actions() if one.data() is Presence.PRESENT]
    present.trigger()
    scene.until(lambda: heard[-1:] == [Presence.PRESENT])
    scene.desktop.lock()
    scene.until(lambda: heard[-1:] == [Presence.AWAY])
    listening.cancel()
