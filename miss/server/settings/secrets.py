"""Files that hold one secret each."""

from pathlib import Path

from miss.server.errors import SecretUnreadable


def read_secret(file: Path | None) -> str:
    """What a secret's file holds, without the line's end.  Raises SecretUnreadable."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SecretUnreadable(file=str(file)) from None
