"""Files that another program opens: in clear for as long as the account is open, and no longer.

A PDF viewer reads files, not memory.  What it is given lies in the account's folder, for this person's session only,
and goes when the account is locked, changed or closed, and at the next start after a crash.
"""

import shutil
from pathlib import Path
from typing import Final

_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
MAX_NAME: Final = 80


class OpenedFiles:
    """The folder of one account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> Path:
        """A file that another program may read; where."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for rank in range(1, 1000):
            place = self._folder / str(rank)
            if not place.exists():
                place.mkdir(mode=0o700)
                path = place / safe_name(name)
                path.write_bytes(content)
                path.chmod(0o600)
                return path
        raise OSError("too many files are open")

    def clear(self) -> None:
        """Overwrite and delete all of them; what a program holds open on Windows goes at the next start."""
        for path in self._folder.rglob("*"):
            if path.is_file():
                _overwrite(path)
        shutil.rmtree(self._folder, ignore_errors=True)


def safe_name(name: str, fallback: str = "fichier") -> str:
    """`name` without what a file system or a shell would take for something else, its extension kept."""
    bare = "".join("_" if one in _FORBIDDEN or ord(one) < 32 else one for one in name).strip(" .")
    stem, dot, extension = bare.rpartition(".")
    if dot and 0 < len(extension) <= 8:
        return f"{stem[: MAX_NAME - 9] or fallback}.{extension}"
    return bare[:MAX_NAME] or fallback


def _overwrite(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
    except OSError:
        return
