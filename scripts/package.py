"""Builds what is given away: a source archive and a wheel that carry the built web client; on Debian, the package.

    python3 run.py build            dist/miss-….tar.gz, dist/miss-…-py3-none-any.whl
    python3 run.py build deb        and dist/miss_…_amd64.deb (deploy/debian/build.py), on Debian

The wheel is built from the source archive, unpacked elsewhere: whoever has the archive makes the same wheel.  Equal
trees make equal files, byte for byte (hatchling writes no time, owner or mask of this machine).  Standard library and
hatchling only.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT = "miss/server/client/dist/index.html"
DEBIAN_PYTHON = Path("/usr/bin/python3")


class PackageFailed(Exception):
    """What stopped the build."""


def build(tree: Path, out: Path) -> tuple[Path, Path]:
    """The source archive of `tree`, and the wheel of that archive, in `out`.  Raises PackageFailed."""
    if not (tree / CLIENT).is_file():
        raise PackageFailed("the web client is not built: python3 run.py web")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="miss-build-") as folder:
        source = _hatch(tree, "sdist", Path(folder) / "sdist")
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        unpacked = Path(folder) / source.name.removesuffix(".tar.gz")
        wheel = _hatch(unpacked, "wheel", Path(folder) / "wheel")
        made = (out / source.name, out / wheel.name)
        for path, target in zip((source, wheel), made, strict=True):
            path.replace(target) if path.stat().st_dev == out.stat().st_dev else target.write_bytes(path.read_bytes())
    return made


def build_deb(wheel: Path, out: Path) -> Path:
    """The Debian package of `wheel`.  Raises PackageFailed."""
    recipe = ROOT / "deploy" / "debian" / "build.py"
    if not Path("/etc/debian_version").exists():
        raise PackageFailed("a Debian package is built on Debian")
    done = subprocess.run(
        [str(DEBIAN_PYTHON), str(recipe), "--wheel", str(wheel), "--out", str(out)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PackageFailed("deploy/debian/build.py failed: its message stands above (apt install python3-venv)")
    return Path(done.stdout.strip().splitlines()[-1])


def sum_of(path: Path) -> str:
    """SHA-256, as `sha256sum` prints it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hatch(tree: Path, target: str, out: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageFailed(f"hatchling: {done.stdout}{done.stderr}")
    return next(out.iterdir())


def main(words: list[str]) -> int:
    """Build into dist/; the sums are printed."""
    try:
        made = list(build(ROOT, ROOT / "dist"))
        if "deb" in words:
            made.append(build_deb(made[1], ROOT / "dist"))
    except PackageFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    for path in made:
        sys.stdout.write(f"{sum_of(path)}  {path.relative_to(ROOT)}  ({path.stat().st_size // 1024} KiB)\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
