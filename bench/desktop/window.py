"""One start of the desktop client without a screen, measured from inside: the program that `bench desktop` runs.

Prints one line of JSON.  Times count from the birth of the process, as its user's patience does.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from clients.desktop.views.desktop import Desktop


def since_birth_s() -> float:
    """Seconds since the kernel made this process."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def resident_mb() -> float:
    """Memory of this process that is its own or shared, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [kib] = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return int(kib) * 1024 / 1e6


def index(app: "QApplication", desktop: "Desktop", wanted: int) -> None:
    """Wait until `wanted` messages are in the search index."""
    counted: list[int] = []

    def count() -> None:
        async def ask(account: object) -> int:
            return account.desk.count()  # type: ignore[attr-defined,no-any-return]

        desktop.core.ask(ask, counted.append)

    count()
    while not counted or counted[-1] < wanted:
        seen = len(counted)
        while len(counted) == seen:
            app.processEvents()
        if counted[-1] < wanted:
            count()


def main(home: Path, idle_s: float) -> None:
    """Start, unlock, open the longest conversation, index everything, rest."""
    from PySide6.QtWidgets import QApplication

    from bench.desktop.world import PIN
    from clients.desktop.policy import Policy
    from clients.desktop.state.model import Theme
    from clients.desktop.store.lock import NoKeyring
    from clients.desktop.store.profiles import Profiles
    from clients.desktop.views import theme
    from clients.desktop.views.desktop import Desktop
    from clients.desktop.views.window import MainWindow
    from miss.base.clock import SystemClock
    from miss.base.random import system_random
    from miss.base.text import Language

    app = QApplication([])
    theme.wear(app, Theme.LIGHT, 100)
    profiles = Profiles(home, NoKeyring(), SystemClock(), system_random)
    desktop = Desktop(profiles, SystemClock(), system_random, Policy())
    desktop.core.start()
    window = MainWindow(desktop, Language.FR)
    window.show()
    app.processEvents()
    figures = {"window_s": since_birth_s(), "window_cpu_s": time.process_time(), "window_mb": resident_mb()}

    window.unlock.pin.setText(PIN)
    asked_s = time.monotonic()
    window.unlock.submit()
    while not desktop.state.rows:
        app.processEvents()
    app.processEvents()
    figures["unlocked_s"] = time.monotonic() - asked_s

    begun_s = time.monotonic()
    desktop.choose(desktop.state.rows[0].cid)
    while desktop.state.thread is None:
        app.processEvents()
    window.grab()
    figures["conversation_s"] = time.monotonic() - begun_s

    index(app, desktop, int(sys.argv[3]))
    figures["indexed_s"] = time.monotonic() - asked_s
    figures["full_mb"] = resident_mb()

    used_s, end_s = time.process_time(), time.monotonic() + idle_s
    while time.monotonic() < end_s:
        app.processEvents()
        time.sleep(0.05)  # as the event loop of a real screen waits
    figures["idle_cpu_percent"] = 100 * (time.process_time() - used_s) / idle_s
    figures["idle_mb"] = resident_mb()
    print(json.dumps(figures), flush=True)
    window.quit()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
