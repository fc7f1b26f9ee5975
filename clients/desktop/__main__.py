"""`python3 run.py desktop`: the desktop client.

--home FOLDER    where accounts are kept (else the person's data folder)
--jump           bring the one that runs to the front and ask it for a conversation (for a key of the machine)
--check          say what this machine lacks, and end: 0 if the client can work here
--version
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clients.desktop.policy import Policy, PolicyRefused, policy_path, read_policy, registry_values
from clients.desktop.releases import installed_version
from clients.desktop.store.lock import SystemKeyring
from clients.desktop.store.profiles import Profiles, data_folder
from clients.desktop.words import speak
from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.base.text import Language, choose_language


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, and stay until the window is closed for good."""
    parser = argparse.ArgumentParser(prog="miss-desktop", description="Le client MiSS de bureau.")
    parser.add_argument("--home", type=Path, help="dossier des comptes")
    parser.add_argument("--jump", action="store_true", help="aller à une conversation (à lier à une touche du poste)")
    parser.add_argument("--check", action="store_true", help="dire ce qui manque à ce poste, et s’arrêter")
    parser.add_argument("--version", action="store_true", help="dire la version, et s’arrêter")
    chosen = parser.parse_args(arguments)
    language = machine_language(dict(os.environ))
    speak(language)
    if chosen.version:
        print(f"MiSS {installed_version()}")  # noqa: T201  # what was asked for
        return 0
    try:
        policy = read_policy(policy_path(dict(os.environ)), registry_values())
    except PolicyRefused as refused:
        print(refused.sentence(language), file=sys.stderr)  # noqa: T201  # there is no window to say it in
        return 2
    home = chosen.home or data_folder(dict(os.environ))
    return check(home, policy) if chosen.check else run(home, policy, language, is_jump=chosen.jump)


def run(home: Path, policy: Policy, language: Language, *, is_jump: bool = False) -> int:
    """The windows, until the last is closed; `is_jump`: what is asked of the one that runs already."""
    from PySide6.QtWidgets import QApplication  # after what can be refused without it

    from clients.desktop.state.model import Theme
    from clients.desktop.views import theme
    from clients.desktop.views.collecting import Collector
    from clients.desktop.views.desktop import Desktop
    from clients.desktop.views.single import Single
    from clients.desktop.views.window import MainWindow

    app = QApplication(sys.argv[:1])
    app.setApplicationName("MiSS")
    app.setQuitOnLastWindowClosed(False)
    single = Single(home, is_jump=is_jump)
    if not single.is_first:
        return 0  # the one that runs has come to the front
    collector = Collector()
    theme.wear(app, Theme.SYSTEM, 100)
    profiles = Profiles(home, SystemKeyring(), SystemClock(), system_random)
    profiles.sweep()
    desktop = Desktop(profiles, SystemClock(), system_random, policy)
    desktop.core.start()
    window = MainWindow(desktop, language)
    single.called.connect(window.reveal)
    single.jump_wanted.connect(window.jump)
    window.show()
    try:
        return app.exec()
    finally:
        desktop.core.stop()
        collector.end()


def check(home: Path, policy: Policy) -> int:
    """Everything that the client stands on, a line each; 1 if something of it does not work here."""
    from PySide6 import __version__ as qt_version
    from PySide6.QtWidgets import QApplication

    from clients.desktop.sync.checking import Finding, examine

    app = QApplication(sys.argv[:1])
    screen = Finding("Qt", f"{qt_version}, {app.platformName()}")
    findings = [screen, *examine(home, policy, SystemKeyring(), system_random)]
    for one in findings:
        print(f"{'ok ' if one.is_fine else '!! '} {one.name} : {one.said}")  # noqa: T201  # what was asked for
    return int(not all(one.is_fine for one in findings))


def machine_language(environment: dict[str, str]) -> Language:
    """The language of this machine, else French."""
    said = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return choose_language(said.split(".")[0].replace("_", "-") or None)


if __name__ == "__main__":
    raise SystemExit(main())
