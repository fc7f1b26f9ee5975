"""A window of the tests: opened, filled in, waited for."""

import asyncio
import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from clients.desktop.policy import Policy
from clients.desktop.state.model import Theme, Thread
from clients.desktop.store.lock import NoKeyring
from clients.desktop.store.profiles import Profiles
from clients.desktop.views import theme
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.window import MainWindow
from clients.desktop.words import speak
from miss.base.clock import SystemClock
from miss.base.ids import AccountId, ConversationId
from miss.base.random import system_random
from miss.base.text import Language
from miss.client import Client, Store, pair_device
from tests.clients.desktop.desk import PIN
from tests.conditions import WAIT_S, holds
from tests.miss.client.devices import KEY


class Scene:
    """One machine with a window."""

    def __init__(self, app: QApplication, colleagues: Any, home: Path, policy: Policy | None = None) -> None:
        self.app = app
        self.colleagues = colleagues
        self.home = home
        speak(Language.FR)
        theme.wear(app, Theme.LIGHT, 100)
        self.profiles = Profiles(home, NoKeyring(), SystemClock(), system_random)
        self.desktop = Desktop(self.profiles, SystemClock(), system_random, policy or Policy())
        self.desktop.core.start()
        self.window = MainWindow(self.desktop, Language.FR)
        self.window.show()
        self.window.activateWindow()
        self.settle()

    def until(self, condition: Callable[[], object]) -> None:
        """Let the windows work until something is true."""
        deadline = time.monotonic() + WAIT_S
        wake = QTimer()
        wake.start(20)
        while not holds(condition):
            assert time.monotonic() < deadline, "it did not happen"
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        wake.stop()
        self.settle()

    def settle(self) -> None:
        """Let the windows do what they have to do, until everything that was told is drawn."""
        deadline = time.monotonic() + WAIT_S
        rounds = 0
        while rounds < 3 or self.desktop.is_drawing:
            assert time.monotonic() < deadline, "it is never drawn"
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            self.app.processEvents()
            rounds += 1

    def ask_to_link(self, rpps: str, pin: str = PIN) -> None:
        """Fill in the page of the letter, and send it off."""
        server = self.colleagues.server
        page = self.window.link
        page.server.setText(server.url)
        page.rpps.setText(rpps)
        page.code.setText(self.colleagues.run(server.activate(rpps)))
        page.fingerprint.setText(server.signer.root_fingerprint)
        page.pin.setText(pin)
        page.again.setText(pin)
        page.link.click()

    def link(self, rpps: str, pin: str = PIN) -> None:
        """Link by a letter, until everything of the account is here."""
        self.ask_to_link(rpps, pin)
        self.until(lambda: self.desktop.state.is_synced)

    def hear_out(self) -> None:
        """Until the core has said everything that it was asked for before."""
        said: list[str] = []
        self.desktop.core.ask(lambda account: account.setting(""), said.append)
        self.until(lambda: said)

    def with_colleague(self, rpps: str, *more: str, name: str = "") -> tuple[Client, ConversationId]:
        """A conversation that a colleague began with the person at this desk."""
        colleague: Client = self.colleagues.online(rpps)
        others = [self.colleagues.online(one).uid for one in more]
        me = AccountId(self.desktop.me_uid)
        cid: ConversationId = self.colleagues.run(colleague.create_conversation([me, *others], name=name))
        self.until(lambda: any(row.cid == cid for row in self.desktop.state.rows))
        return colleague, cid

    @property
    def thread(self) -> Thread:
        """The open conversation.  Raises LookupError as long as there is none, which `until` waits out."""
        if self.desktop.state.thread is None:
            raise LookupError("no conversation is open")
        return self.desktop.state.thread

    def heard_by(self, colleague: Client, cid: ConversationId) -> list[str]:
        """What a colleague's client shows."""
        said: list[str] = self.colleagues.call(lambda: [one.text for one in colleague.messages(cid)])
        return said

    def take_out(self, folder: Path) -> None:
        """Whoever sits at this desk links a telephone, whose store lies in `folder`, and takes the desk out with it."""
        codes: list[str] = []
        self.desktop.core.ask(lambda account: account.invite(), lambda pairing: codes.append(pairing.uri))
        self.until(lambda: codes)
        offered: list[str] = []
        self.desktop.core.ask(lambda account: account.wait_invited(), offered.append)

        async def phone() -> None:
            with Store(folder / "phone.db", KEY, system_random) as store:
                await pair_device(
                    store, codes[0], device_name="Téléphone", clock=SystemClock(), random_bytes=system_random
                )
                async with Client.open(store, clock=SystemClock(), random_bytes=system_random) as client:
                    await client.wait_synced()
                    [lost] = [one for one in await client.devices.list_() if not one.is_current]
                    await client.devices.revoke(lost.did)

        working = asyncio.run_coroutine_threadsafe(phone(), self.colleagues._loop)
        self.until(lambda: offered == ["Téléphone"])
        self.desktop.core.ask(lambda account: account.accept_invited())
        self.until(working.done)
        working.result()

    def dialog(self, kind: type[QDialog]) -> Any:
        """The open dialog of that kind."""
        found = [one for one in self.app.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
        return found[-1]

    def in_dialog(self, kind: type[QDialog], do: Callable[[Any], None]) -> None:
        """What to do in the dialog that is about to open, which holds the loop until it closes."""
        QTimer.singleShot(50, lambda: do(self.dialog(kind)))

    def shoot(self, path: Path, widget: Any = None) -> None:
        """A picture of the window."""
        self.settle()
        (widget or self.window).grab().save(str(path))

    def end(self) -> None:
        self.window.quit()
        self.desktop.core.stop()
        speak(Language.FR)
        self.window.deleteLater()
        self.settle()
        gc.collect()
