"""The Debian package in a clean Debian: made by `mmdebstrap`, not booted (`python3 run.py prove` boots one).

Second tier; needs root, Debian's mmdebstrap and python3-venv: `.ci/run` installs them.
"""

import subprocess
from pathlib import Path

import pytest

from scripts import package
from tests.prove.machine import Machine

pytestmark = [pytest.mark.package, pytest.mark.timeout(3_600)]

ROOT = Path(__file__).parents[2]
COMMAND_S = 900.0
"""To install the package takes a minute on two cores, three if they are shared: its modules are compiled there."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A clean Debian with the package of this checkout."""
    folder = tmp_path_factory.mktemp("debian")
    _, wheel = package.build(ROOT, folder / "dist")
    deb = package.build_deb(wheel, folder / "dist")
    made = Machine.make(folder / "tree")
    made.give(deb, "root/miss.deb")
    inside(made, "apt-get install -qq --no-install-recommends /root/miss.deb")
    return made


def inside(machine: Machine, command: str) -> str:
    done = subprocess.run(
        ["chroot", str(machine.tree), "bash", "-euc", command],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        timeout=COMMAND_S,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_package_is_installed_works_and_is_purged(machine: Machine) -> None:
    """In this order: what is purged is gone for the others."""
    _what_was_installed_is_whole_and_for_the_service_s_eyes(machine)
    _the_command_works_as_the_service_s_account(machine)
    _a_purge_keeps_the_data(machine)


def _what_was_installed_is_whole_and_for_the_service_s_eyes(machine: Machine) -> None:
    assert inside(machine, "dpkg --verify miss; dpkg --status miss | grep -q '^Status: install ok installed'") == ""
    modes = inside(machine, "stat -c '%a %U:%G %n' /etc/miss/miss.env /var/lib/miss /var/lib/miss-keys").split("\n")
    assert modes[:3] == [
        "640 root:miss /etc/miss/miss.env",
        "700 miss:miss /var/lib/miss",
        "700 miss:miss /var/lib/miss-keys",
    ]
    assert inside(machine, "runuser -u nobody -- cat /etc/miss/miss.env || echo refused").endswith("refused\n")


def _the_command_works_as_the_service_s_account(machine: Machine) -> None:
    inside(machine, "miss migrate --create-keys && miss audit verify && miss forms lint")
    owners = inside(machine, "find /var/lib/miss /var/lib/miss-keys ! -user miss")
    assert owners == ""
    assert inside(machine, "runuser -u nobody -- miss check || echo code $?").endswith("code 77\n")


def _a_purge_keeps_the_data(machine: Machine) -> None:
    said = inside(machine, "apt-get purge -qq miss")
    assert "were kept" in said
    assert inside(machine, "test -f /var/lib/miss-keys/master.key && test ! -e /opt/miss && echo kept") == "kept\n"
