#!/usr/bin/env python3
"""The desktop client as a Debian package, and the folder that Briefcase makes the MSI and the DMG from.

    python3 run.py desktop --package            dist/miss-desktop_…_amd64.deb: for Debian 12 and what has its Python
    python3 run.py desktop --package prepare    deploy/desktop/briefcase/wheels, on Windows and macOS (ADR 53)

Everything comes from this checkout and from requirements-desktop.lock, each file checked against its hash.  The
package is a virtual environment in /opt/miss-desktop, with nothing of the server (needed.py) and of Qt only what
widgets use.  `--wheels FOLDER`: pinned packages from there, without a network.  Equal checkouts and locks make equal
packages.  `--release-key FILE`: the package tells its people when a later version is out.  Standard library only.
"""

import argparse
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOCK = ROOT / "requirements-desktop.lock"
HOME = Path("opt/miss-desktop")
DEBIAN_PYTHON = Path("/usr/bin/python3")
EPOCH = "1580601600"
"""2020-02-02: no file says when it was packed."""
RELEASE_KEY = "clients/desktop/release-key.txt"
WIDGETS_ONLY = (
    # Of Qt, by the folders and names of PySide6: tools, declarations, QML, and modules that no import names.
    *("assistant", "balsam*", "designer", "linguist", "lrelease", "lupdate", "qmlcachegen*", "qmlformat", "qmlimport*"),
    *("qmllint", "qmlls", "svgtoqml", "rcc", "uic", "*.pyi", "include", "scripts", "typesystems", "glue", "doc"),
    *("QtDesigner*", "QtHelp*", "QtOpenGL*", "QtQml*", "QtQuick*", "QtSql*", "QtUiTools*", "libpyside6qml*"),
    *("Qt/qml", "Qt/metatypes", "Qt/libexec", "Qt/plugins/qmltooling", "Qt/plugins/qmllint", "Qt/plugins/sqldrivers"),
    *("Qt/plugins/designer", "Qt/lib/libQt6Designer*", "Qt/lib/libQt6Help*", "Qt/lib/libQt6Labs*", "Qt/lib/libQt6Qml*"),
    *("Qt/lib/libQt6Quick*", "Qt/lib/libQt6Sql*", "Qt/lib/libQt6Test*", "Qt/lib/libQt6UiTools*"),
)


def main(arguments: list[str]) -> int:
    """Build one thing; its path is the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("deb", "prepare"), nargs="?", default="deb")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--wheels", type=Path, help="pinned packages from this folder")
    parser.add_argument("--release-key", type=Path, help="the publisher's public key (releases.py): update notices")
    parser.add_argument("--python", type=Path, default=DEBIAN_PYTHON, help="the Python that the package will use")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="miss-desktop-") as folder:
        wheel = make_wheel(Path(folder) / "wheel")
        if options.release_key is not None:
            add_release_key(wheel, options.release_key.read_text(encoding="ascii").strip())
        if options.what == "prepare":
            print(prepare(wheel, options.wheels))
            return 0
        stage = Path(folder) / "stage"
        install(stage, wheel, options.wheels, options.python)
        shrink(stage)
        add_files(stage)
        version = wheel.name.split("-")[1]
        add_control(stage, version)
        print(pack(stage, options.out / f"miss-desktop_{version}_{architecture()}.deb"))
    return 0


def make_wheel(out: Path) -> Path:
    """The wheel of this checkout, by the hatchling that the lock file pins."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, folder=ROOT)
    return next(out.glob("*.whl"))


def add_release_key(wheel: Path, public: str) -> None:
    """Put the publisher's key into the wheel, where the client looks for it."""
    if not re.fullmatch(r"[0-9a-f]{64}", public):
        raise SystemExit("--release-key: 64 hexadecimal digits are meant")
    content = public.encode() + b"\n"
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    [record] = [name for name in files if name.endswith(".dist-info/RECORD")]
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    files[record] += f"{RELEASE_KEY},sha256={digest},{len(content)}\n".encode()
    files[RELEASE_KEY] = content
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def prepare(wheel: Path, wheels: Path | None) -> Path:
    """Every pinned package for this machine's system, checked, beside our own: what Briefcase installs from."""
    folder = HERE / "briefcase" / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download", "--dest", folder)
    run(*pip, "--require-hashes", "--only-binary=:all:", *_source(wheels), "-r", LOCK)
    shutil.copy(wheel, folder)
    shutil.copy(ROOT / "LICENSE", folder.parent)
    return folder


def install(stage: Path, wheel: Path, wheels: Path | None, python: Path) -> None:
    """The virtual environment, as it will stand in /opt/miss-desktop."""
    home = stage / HOME
    run(python, "-m", "venv", home)
    pip = (home / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-compile")
    run(*pip, "--require-hashes", "--no-deps", "--only-binary=:all:", *_source(wheels), "-r", LOCK)
    run(*pip, "--no-deps", "--no-index", wheel)


def _source(wheels: Path | None) -> tuple[object, ...]:
    return ("--no-index", "--find-links", wheels) if wheels else ()


def shrink(stage: Path) -> None:
    """Take out what a desktop does not run, and what says where this was built."""
    home = stage / HOME
    [site] = home.glob("lib/python3*/site-packages")
    said = subprocess.run(
        [str(home / "bin/python"), "-I", str(HERE / "needed.py"), str(site)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    packages = [line.partition(" ")[2] for line in said if line.startswith("package ")]
    uninstall = (home / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet", "uninstall", "--yes")
    run(*uninstall, *packages, "setuptools", "pip")
    folders = [site / line.partition(" ")[2] for line in said if line.startswith("folder ")]
    folders += [path for pattern in WIDGETS_ONLY for path in (site / "PySide6").glob(pattern)]
    for path in [*folders, home / "include", home / "share", *home.rglob("__pycache__")]:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    for program in (home / "bin").iterdir():
        if not re.fullmatch(r"miss-desktop|python[0-9.]*", program.name):
            program.unlink()
    launcher = home / "bin/miss-desktop"
    launcher.write_text(launcher.read_text().replace(f"{home}/bin/python", f"/{HOME}/bin/python -I"))
    for note in site.glob("*.dist-info/direct_url.json"):
        note.unlink()
    for record in site.glob("*.dist-info/RECORD"):
        _strike_gone(record, site)
    configuration = home / "pyvenv.cfg"
    kept = [line for line in configuration.read_text().splitlines(keepends=True) if not line.startswith("command")]
    configuration.write_text("".join(kept))
    unchecked = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", stage, "-p", "/")
    run(home / "bin/python", *unchecked, site)


def _strike_gone(record: Path, site: Path) -> None:
    """Leave what is still there in the list of a package's files."""
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if (site / line.partition(",")[0].strip('"')).is_file()))


def add_files(stage: Path) -> None:
    """Command, menu, an example of a policy, what IT reads."""
    put(HERE / "miss-desktop.desktop", stage / "usr/share/applications/miss-desktop.desktop")
    put(HERE / "policy.json", stage / "usr/share/doc/miss-desktop/examples/policy.json")
    for name in ("desktop.md", "desktop-it.md"):
        put(ROOT / "docs" / name, stage / "usr/share/doc/miss-desktop" / name)
    terms = stage / "usr/share/doc/miss-desktop/copyright"
    terms.write_text((ROOT / "NOTICE").read_text() + "\n" + (ROOT / "LICENSE").read_text())
    link = stage / "usr/bin/miss-desktop"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"/{HOME}/bin/miss-desktop")


def add_control(stage: Path, version: str) -> None:
    """What dpkg reads; the compiled packages fit the minor version of Python they were made for."""
    folder = stage / "DEBIAN"
    folder.mkdir()
    size = sum(path.lstat().st_size for path in stage.rglob("*") if path.is_file() and not path.is_symlink())
    [library] = (stage / HOME).glob("lib/python3*")
    minor = int(library.name.removeprefix("python3."))
    control = (HERE / "control").read_text()
    values = {"version": version, "architecture": architecture(), "size_kib": size // 1024}
    for name, value in {**values, "python": f"3.{minor}", "next_python": f"3.{minor + 1}"}.items():
        control = control.replace(f"{{{name}}}", str(value))
    (folder / "control").write_text(control)


def pack(stage: Path, package: Path) -> Path:
    """`dpkg-deb`, with nothing of this machine: no owner, no time, no mask."""
    for path in [stage, *stage.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.utime(path, (int(EPOCH), int(EPOCH)), follow_symlinks=False)
    package.parent.mkdir(parents=True, exist_ok=True)
    command = ("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", stage, package)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    subprocess.run([str(part) for part in command], env=environment, check=True, stdout=subprocess.DEVNULL)
    return package


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def architecture() -> str:
    """Debian's name for this machine's."""
    machine = re.split(r"[-.]", sysconfig.get_platform())[-1]
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def run(*command: object, folder: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
