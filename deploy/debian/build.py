#!/usr/bin/env python3
"""The Debian package: a wheel and every package that the lock file pins, in a virtual environment in /opt/miss.

    python3 run.py build deb                          (the wheel of this checkout)
    deploy/debian/build.py --wheel FILE --lock requirements.lock --out dist [--version V] [--wheels FOLDER]

Runs on the Debian that the package is for, as its Python is the one the package will use (apt install python3-venv
dpkg-dev).  `--wheels`: take the pinned packages from a folder, without a network.  Equal wheels and locks make equal
packages, byte for byte.  Standard library only.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEPLOY = HERE.parent
ROOT = DEPLOY.parent
HOME = Path("opt/miss")
EPOCH = "1580601600"
"""2020-02-02, as in hatchling's archives: no file says when it was packed."""
UNITS = (
    "miss@.service",
    "miss-wal.service",
    "miss-backup.service",
    "miss-backup.timer",
    "miss-probe.service",
    "miss-probe.timer",
)
SHARED = ("nginx.conf", "haproxy.cfg", "postfix", "prometheus", "grafana", "openldap")
DOCUMENTS = ("README.md", "SECURITY.md", "CHANGELOG.md", "docs/operations.md", "docs/mail.md")
SCRIPTS = ("postinst", "prerm", "postrm")
PROGRAMS = re.compile(r"miss|python[0-9.]*")
"""What stays in /opt/miss/bin: the other packages' commands are not ours to ship."""


def main(arguments: list[str]) -> int:
    """Build one package; its path is the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--version", default="")
    parser.add_argument("--wheels", type=Path)
    options = parser.parse_args(arguments)
    version = options.version or options.wheel.name.split("-")[1]
    with tempfile.TemporaryDirectory(prefix="miss-deb-") as folder:
        stage = Path(folder) / "stage"
        install(stage, options.wheel.resolve(), options.lock.resolve(), options.wheels)
        add_files(stage)
        add_control(stage, version)
        print(pack(stage, options.out / f"miss_{version}_{architecture()}.deb"))
    return 0


def install(stage: Path, wheel: Path, lock: Path, wheels: Path | None) -> None:
    """The virtual environment, as it will stand in /opt/miss."""
    home = stage / HOME
    run(sys.executable, "-m", "venv", home)
    pip = (home / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-compile")
    source = ("--no-index", "--find-links", wheels) if wheels else ()
    run(*pip, "--require-hashes", "--no-deps", "--only-binary=:all:", *source, "-r", lock)
    run(*pip, "--no-deps", "--no-index", wheel)
    run(home / "bin/python", "-m", "pip", "--quiet", "uninstall", "--yes", "setuptools", "pip")
    for program in (home / "bin").iterdir():
        if not PROGRAMS.fullmatch(program.name):
            program.unlink()
    (home / "bin/miss").write_text((home / "bin/miss").read_text().replace(str(home), f"/{HOME}"))
    for folder in [*home.rglob("__pycache__"), home / "include", home / "share"]:
        shutil.rmtree(folder, ignore_errors=True)
    for note in home.glob("lib/python3*/site-packages/*.dist-info/direct_url.json"):
        note.unlink()
    # Sums of what was just removed, or names the folder that this was built in.
    for record in home.glob("lib/python3*/site-packages/*.dist-info/RECORD"):
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if not re.search(r"^\.\./|direct_url|__pycache__", line)))
    configuration = home / "pyvenv.cfg"
    kept = [line for line in configuration.read_text().splitlines(keepends=True) if not line.startswith("command")]
    configuration.write_text("".join(kept))


def add_files(stage: Path) -> None:
    """Command, settings, units, examples, documents."""
    put(HERE / "miss", stage / "usr/bin/miss", 0o755)
    put(HERE / "miss.env", stage / "etc/miss/miss.env", 0o640)
    for unit in UNITS:
        put(DEPLOY / "systemd" / unit, stage / "usr/lib/systemd/system" / unit)
    for name in SHARED:
        for path in files_of(DEPLOY / name):
            mode = 0o755 if os.access(path, os.X_OK) else 0o644
            put(path, stage / "usr/share/miss" / path.relative_to(DEPLOY), mode)
    for document in DOCUMENTS:
        put(ROOT / document, stage / "usr/share/doc/miss" / Path(document).name)
    terms = stage / "usr/share/doc/miss/copyright"
    terms.write_text((ROOT / "NOTICE").read_text() + "\n" + (ROOT / "LICENSE").read_text())


def add_control(stage: Path, version: str) -> None:
    """What dpkg reads."""
    folder = stage / "DEBIAN"
    folder.mkdir()
    size = sum(path.lstat().st_size for path in stage.rglob("*") if path.is_file() and not path.is_symlink())
    minor = sys.version_info.minor
    control = (HERE / "control").read_text()
    for name, value in {
        "version": version,
        "architecture": architecture(),
        "size_kib": size // 1024,
        "python": f"3.{minor}",
        "next_python": f"3.{minor + 1}",
    }.items():
        control = control.replace(f"{{{name}}}", str(value))
    (folder / "control").write_text(control)
    (folder / "conffiles").write_text("/etc/miss/miss.env\n")
    for script in SCRIPTS:
        put(HERE / script, folder / script, 0o755)


def pack(stage: Path, package: Path) -> Path:
    """`dpkg-deb`, with nothing of this machine: no owner, no time, no mask."""
    for path in [stage, *stage.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        elif not path.is_symlink() and path.relative_to(stage).is_relative_to(HOME):
            path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        os.utime(path, (int(EPOCH), int(EPOCH)), follow_symlinks=False)
    package.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    command = ("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", stage, package)
    subprocess.run([str(part) for part in command], env=environment, check=True, stdout=subprocess.DEVNULL)
    return package


def put(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def files_of(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())


def architecture() -> str:
    """Debian's name for this machine's."""
    machine = re.split(r"[-.]", sysconfig.get_platform())[-1]
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
