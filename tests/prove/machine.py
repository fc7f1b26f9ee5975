"""A clean Debian, made by `mmdebstrap` and booted: its own systemd as process 1, its own network with nobody on it.

The machine lies in a folder and lives in namespaces (mounts, processes, network, name, cgroup) of the one it stands on;
needs root and Debian's mmdebstrap.  It sees no network: packages are fetched before it boots, into apt's own cache, so
that `apt-get install` runs there as it stands.  When its systemd is killed, everything in it ends.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SUITE = "bookworm"
MIRRORS = tuple(
    f"deb http://deb.debian.org/{place} {suite} main"
    for place, suite in (
        ("debian", SUITE),
        ("debian", f"{SUITE}-updates"),
        ("debian-security", f"{SUITE}-security"),
    )
)
BASE = ("systemd-sysv", "dbus", "ca-certificates", "iproute2", "python3", "openssl")
"""What an installer puts on a minimal machine, and what this one is watched with."""
BOOT_TIMEOUT_S = 60.0
MAKE_TIMEOUT_S = 1_800.0
"""To make a system, or to fetch packages: a mirror that stopped answering is said, not waited for."""
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
UNIFIED = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
# Run in new namespaces: mounts what a kernel gives a machine, then becomes its process 1.
BOOT = r"""
set -e
tree=$1
mount --make-rprivate /
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount --bind "$tree/proc/sys" "$tree/proc/sys"
mount -o remount,bind,ro "$tree/proc/sys"
mount -t sysfs -o ro sysfs "$tree/sys"
mount -t cgroup2 cgroup2 "$tree/sys/fs/cgroup"
mount -t tmpfs -o mode=755 dev "$tree/dev"
for node in null zero full random urandom tty; do
    touch "$tree/dev/$node"
    mount --bind "/dev/$node" "$tree/dev/$node"
done
mkdir -p "$tree/dev/pts" "$tree/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$tree/dev/pts"
mount -t tmpfs tmpfs "$tree/dev/shm"
ln -sf pts/ptmx "$tree/dev/ptmx"
ln -sf /proc/self/fd "$tree/dev/fd"
for stream in 0:stdin 1:stdout 2:stderr; do ln -sf "/proc/self/fd/${stream%%:*}" "$tree/dev/${stream#*:}"; done
mount -t tmpfs -o mode=755 tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
hostname miss
ip link set lo up
mkdir -p "$tree/.old"
cd "$tree"
pivot_root . .old
umount -l /.old
exec env -i container=miss-prove PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 /lib/systemd/systemd --system
"""


class CommandFailed(Exception):
    """A command on the machine ended with another code than 0; its output."""


class Machine:
    """One clean Debian in `tree`."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._init: int | None = None

    @classmethod
    def make(cls, tree: Path) -> "Machine":
        """A minimal system, nothing else on it."""
        command = ["mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--include={','.join(BASE)}"]
        _must([*command, SUITE, str(tree), *MIRRORS])
        machine = cls(tree)
        machine.write("etc/hostname", "miss\n")
        machine.write("etc/hosts", "127.0.0.1 localhost miss miss.example mx.miss.example\n")
        machine.write("etc/apt/apt.conf.d/90assume-yes", 'APT::Get::Assume-Yes "true";\nAcquire::Retries "0";\n')
        return machine

    def prefetch(self, *packages: str) -> None:
        """Fetch packages and what they need into apt's cache; installs nothing."""
        resolver = self.tree / "etc/resolv.conf"
        resolver.unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", resolver)
        _must(["chroot", str(self.tree), "apt-get", "-qq", "update"])
        install = ["apt-get", "-qq", "install", "--download-only", "--no-install-recommends", *packages]
        _must(["chroot", str(self.tree), *install])
        resolver.unlink()

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of the machine."""
        target = self.tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def give(self, source: Path, path: str) -> None:
        """Copy a file or folder onto the machine."""
        target = self.tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Booted, until the block ends; then everything in it is killed, as by a power cut."""
        group = next(one for one in UNIFIED if (one / "cgroup.procs").exists()) / f"miss-prove-{os.getpid()}"
        group.mkdir(exist_ok=True)
        namespaces = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child")
        entering = f'echo $$ > {group}/cgroup.procs; exec unshare {" ".join(namespaces)} bash -c "$0" boot "$1"'
        with (self.tree.parent / f"{self.tree.name}.boot.log").open("wb") as log:
            parent = subprocess.Popen(
                ["bash", "-c", entering, BOOT, str(self.tree)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._init = self._wait_booted(parent)
            yield
        finally:
            if self._init is not None:
                os.kill(self._init, signal.SIGKILL)
                self._init = None
            parent.wait()
            _remove_groups(group)

    def run(self, command: str | Sequence[str], *, code: int | None = 0, quiet_s: float = 600.0) -> str:
        """Run a shell text, or a program with its arguments, on the machine; its output.

        Raises CommandFailed unless it ends with `code` (None: any).
        """
        arguments = ["bash", "-euo", "pipefail", "-c", command] if isinstance(command, str) else list(command)
        done = subprocess.run(
            [*self._enter(), *arguments],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=quiet_s,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        if code is not None and done.returncode != code:
            raise CommandFailed(f"{command}\nended with {done.returncode}:\n{said}")
        return said

    def _enter(self) -> list[str]:
        if self._init is None:
            raise CommandFailed("the machine is not running")
        # From the machine's own root; its cgroup too, so that what is started there is counted there.
        return ["nsenter", "-t", str(self._init), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "env", "-i"] + [
            f"{name}={value}" for name, value in ENVIRONMENT.items()
        ]

    def _wait_booted(self, parent: "subprocess.Popen[bytes]") -> int:
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        while time.monotonic() < deadline:
            if parent.poll() is not None:
                break
            found = children.read_text().split()
            if found and Path(f"/proc/{found[0]}/comm").read_text().strip() == "systemd":
                self._init = int(found[0])
                state = self.run("systemctl is-system-running --wait || true").strip()
                if state in {"running", "degraded"}:
                    return self._init
            time.sleep(0.1)
        raise CommandFailed(f"the machine did not boot: see {self.tree}.boot.log")


def _remove_groups(group: Path) -> None:
    """The machine's cgroups, deepest first, once the kernel has let go of its processes."""
    deadline = time.monotonic() + 10
    while group.exists() and time.monotonic() < deadline:
        for folder in sorted((one for one in group.rglob("*") if one.is_dir()), reverse=True):
            _try_remove(folder)
        _try_remove(group)
        time.sleep(0.05)


def _try_remove(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _must(command: list[str]) -> None:
    environment = {**os.environ, **ENVIRONMENT}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=MAKE_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as expired:
        said = b"".join(one for one in (expired.stdout, expired.stderr) if one).decode(errors="replace")
        raise CommandFailed(f"{' '.join(command)}\nstill runs after {MAKE_TIMEOUT_S:.0f} s:\n{said}") from None
    if done.returncode:
        raise CommandFailed(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
