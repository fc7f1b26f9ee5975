"""The person of the desktop's soak: one offscreen window, somebody at it without a pause, and what the process costs.

Started by `desktop_soak` in a process of its own, as only that process's memory and handles are of interest.  Prints
a line of JSON for each sample.  A first line on stdin stops the person, and is answered once everything has left; a
second one says how far each conversation goes, is answered by what every account has stored of it, and ends this.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QMessageBox

from clients.desktop.policy import Policy
from clients.desktop.state.model import Theme
from clients.desktop.store.lock import NoKeyring
from clients.desktop.store.profiles import Profile, Profiles
from clients.desktop.sync.account import Account
from clients.desktop.sync.ways import Letter
from clients.desktop.views import theme
from clients.desktop.views.collecting import Collector
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.window import MainWindow
from miss.base.clock import SystemClock
from miss.base.ids import ConversationId
from miss.base.random import system_random
from miss.base.text import Language
from tests.faults.stored import digest
from tests.miss.client.files.test_photo import jpeg

PIN: Final = "azertY-92-tournesol"
PATIENCE_S: Final = 60.0
DIALOG_MS: Final = 300
LOOK_S: Final = 0.2
LANGUAGE_EVERY: Final = 10
"""Changes of colours between two changes of language."""
WORDS: Final = ("plaie", "talon", "message", "photo")


class Person(QObject):
    """Reads, writes, searches, opens dialogs, locks, lets a colleague have the machine, over and over."""

    def __init__(self, home: Path, letters: list[Letter], every_s: float, pace_ms: int) -> None:
        super().__init__()
        self.desktop = Desktop(
            Profiles(home, NoKeyring(), SystemClock(), system_random), SystemClock(), system_random, Policy()
        )
        self.desktop.core.start()
        self.window = MainWindow(self.desktop, Language.FR)
        self.window.show()
        self.acts_done = 0
        self._letters = letters
        self._busy = False
        self._waits: Callable[[], object] | None = None
        self._waits_since_s = 0.0
        self._began_s = time.monotonic()
        self._turn = self._worn = 0
        self._who: Profile | None = None
        self._acts: Iterator[Callable[[], None]] = cycle(
            [*([self._choose, self._write, self._search] * 4), *self._rare()]
        )
        self._pace = QTimer(self, interval=pace_ms)
        self._pace.timeout.connect(self._tick)
        self._sampling = QTimer(self, interval=int(every_s * 1000))
        self._sampling.timeout.connect(self.sample)
        self._stdin = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._stdin.activated.connect(self._hear)
        self._link()

    def _rare(self) -> list[Callable[[], None]]:
        return [self._dialogs, self._photo, self._wear, self._lock, self._older, self._change_account]

    # One account after the other comes to this machine

    def _link(self) -> None:
        letter, *self._letters = self._letters
        then = self._link if self._letters else self._begin
        self.desktop.core.enrol(letter, PIN, "Poste d’essai", then, self._fail)

    def _begin(self) -> None:
        print(json.dumps({"linked": True}), flush=True)
        self._began_s = time.monotonic()
        self._pace.start()
        self._sampling.start()

    def _fail(self, sentence: str) -> None:
        raise AssertionError(sentence)

    # Acts

    def _tick(self) -> None:
        if self._busy:
            return
        if self._waits is not None:
            if not self._waits():
                assert time.monotonic() - self._waits_since_s < PATIENCE_S, "the desk does not answer"
                self._unlock()
                return
            self._waits = None
        next(self._acts)()
        self.acts_done += 1

    def _wait(self, condition: Callable[[], object]) -> None:
        self._waits, self._waits_since_s = condition, time.monotonic()

    def _choose(self) -> None:
        rows = self.desktop.state.rows
        if rows:
            self._turn += 1
            self.desktop.choose(rows[self._turn % len(rows)].cid)
            self._wait(lambda: self.desktop.state.thread is not None)
            self.window.grab()

    def _write(self) -> None:
        if self.desktop.state.thread is not None:
            field = self.window.work.pane.composer.field
            field.setPlainText(f"Message du poste {self.acts_done}")
            field.sent.emit()

    def _search(self) -> None:
        word = WORDS[self._turn % len(WORDS)]
        self.desktop.core.ask(lambda account: account.search(word))

    def _photo(self) -> None:
        thread = self.desktop.state.thread
        if thread is not None:
            cid, content = thread.cid, jpeg((640, 480))
            # Offline it is refused, and said in a banner: that is what somebody would see.
            self.desktop.core.ask(lambda account: account.send_photo(cid, content, "Photo du poste"))

    def _older(self) -> None:
        thread = self.desktop.state.thread
        if thread is not None and thread.has_older:
            cid, first = thread.cid, thread.messages[0].seq
            self.desktop.core.ask(lambda account: account.read_older(cid, first))

    def _wear(self) -> None:
        before = self.desktop.state.settings
        self._worn += 1
        other = "en" if before.language != "en" else "fr"
        new = replace(
            before,
            theme=Theme.DARK if before.theme is not Theme.DARK else Theme.LIGHT,
            language=other if self._worn % LANGUAGE_EVERY == 0 else before.language,
            lock_after_min=60,
        )
        self.desktop.core.ask(lambda account: account.change_settings(new))
        self._wait(lambda: self.desktop.state.settings == new)

    def _dialogs(self) -> None:
        """Every dialog of the menus, opened and closed."""
        menus = [one.menu() for one in self.window.menuBar().actions()]
        actions = [one for menu in menus if isinstance(menu, QMenu) for one in menu.actions()]
        self._busy = True
        for action in actions:
            if action.text().endswith("…") and action.isEnabled():
                closer = QTimer(self, interval=DIALOG_MS)
                closer.timeout.connect(_close_dialogs)
                closer.start()
                action.trigger()  # returns when its dialog is closed
                closer.stop()
                closer.deleteLater()
        self._busy = False

    def _lock(self) -> None:
        self._who = self.desktop.profile
        self.desktop.lock()
        self._wait(lambda: not self.desktop.is_covered)

    def _change_account(self) -> None:
        before = self.desktop.profile
        [self._who] = [one for one in self.desktop.profiles.list_() if before is None or one.id != before.id]
        other = self._who.id
        self.desktop.switch()
        self._wait(lambda: self.desktop.state.me is not None and self.desktop.state.me.profile_id == other)

    def _unlock(self) -> None:
        """At the locked page: choose who one is, and type the code."""
        page = self.window.unlock
        if self._who is None or self.window.pages.currentWidget() is not page or not page.open.isEnabled():
            return
        for rank in range(page.people.count()):
            if page.people.item(rank).text().startswith(self._who.name):
                page.people.setCurrentRow(rank)
        page.pin.setText(PIN)
        page.submit()

    # Samples

    def sample(self) -> None:
        """What this process costs at this moment."""
        status = Path("/proc/self/status").read_text()
        values = {
            line.split(":")[0]: line.split()[1] for line in status.splitlines() if ":" in line and line.split()[1:]
        }
        used = os.times()
        figures = {
            "at_s": round(time.monotonic() - self._began_s, 1),
            "memory_mb": round(int(values["VmRSS"]) * 1024 / 1e6, 1),
            "handles": len(os.listdir("/proc/self/fd")),  # noqa: PTH208  # a handle of its own, closed at once
            "threads": int(values["Threads"]),
            "widgets": len(QApplication.allWidgets()),
            "blocks": sys.getallocatedblocks(),  # gc.get_objects would touch tuples that the core is still making
            "cpu_s": round(used.user + used.system, 1),
            "acts": self.acts_done,
        }
        print(json.dumps(figures), flush=True)

    # The end

    def _hear(self) -> None:
        wanted: dict[str, dict[str, int]] = json.loads(sys.stdin.readline())
        self._sampling.stop()
        self._acts = iter([lambda: self._stop(wanted)])  # once what is under way is over
        self._pace.start()

    def _stop(self, wanted: dict[str, dict[str, int]]) -> None:
        self._pace.stop()
        self.sample()
        self._answer(wanted, {}, self.desktop.profiles.list_())

    def _answer(self, wanted: dict[str, dict[str, int]], found: dict[str, Any], profiles: list[Profile]) -> None:
        """Open one account after the other, and say what it holds once it has caught up."""
        if not profiles:
            print(json.dumps({"stored": found}), flush=True)
            if wanted:
                self.window.quit()
                self.desktop.core.stop()
                QApplication.exit(0)
            return
        profile, *others = profiles

        def heard(stored: dict[str, str]) -> None:
            self._answer(wanted, {**found, profile.name: stored}, others)

        def ask() -> None:
            self.desktop.core.ask(lambda account: stored_by(account, wanted.get(profile.name, {})), heard, self._fail)

        self.desktop.core.open(profile, PIN, ask, self._fail)


async def stored_by(account: Account, wanted: dict[str, int]) -> dict[str, str]:
    """What an account holds of each conversation, once it holds as much as `wanted` and has nothing to send."""
    client = account.client
    await client.wait_synced()
    last_seqs = {ConversationId(bytes.fromhex(text)): seq for text, seq in wanted.items()}
    while any(client.conversation(cid).last_seq < seq for cid, seq in last_seqs.items()) or any(  # noqa: ASYNC110
        not one.failed for conversation in client.conversations() for one in client.outgoing(conversation.cid)
    ):
        await asyncio.sleep(LOOK_S)
    return {cid.hex(): digest(client, cid, seq) for cid, seq in last_seqs.items()}


def _close_dialogs() -> None:
    for one in QApplication.topLevelWidgets():
        if isinstance(one, QMessageBox) or (isinstance(one, QDialog) and one.isVisible()):
            one.reject()


def main(arguments: list[str]) -> int:
    """HOME SERVER FINGERPRINT EVERY_S PACE_MS RPPS CODE RPPS CODE"""
    home, server, fingerprint, every_s, pace_ms, *pairs = arguments
    letters = [Letter(server, rpps, code, fingerprint) for rpps, code in zip(pairs[::2], pairs[1::2], strict=True)]
    failures: list[str] = []

    def fail(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        sys.__excepthook__(kind, error, trace)
        failures.append(kind.__name__)
        QApplication.exit(1)

    sys.excepthook = fail
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    app = QApplication(["miss-desktop"])
    app.setQuitOnLastWindowClosed(False)
    collector = Collector()
    theme.wear(app, Theme.LIGHT, 100)
    _person = Person(Path(home), letters, float(every_s), int(pace_ms))
    code = app.exec()
    collector.end()
    return code or len(failures)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
