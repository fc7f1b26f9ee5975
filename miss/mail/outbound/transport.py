"""The last step: what takes a composed mail, a relay (`miss.mail.relays`) or a folder."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Protocol


class MailTransport(Protocol):
    """Takes responsibility for one mail to one recipient."""

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        """What the other side said (`250 2.0.0 …`).

        Raises RelayAway (nobody could be asked), MailDeferred (this one later) or RelayRefused (this one never).
        `mail_id` is stable across tries: it is the ENVID of RFC 3461, by which delivery reports find their mail.
        `sender` is empty for a report.
        """
        ...


class Spool:
    """A folder of .eml files: the embedded default, where nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        # The name is the mail's, so that a second run of the same job replaces the file instead of adding one.
        await asyncio.to_thread(_write, self._folder / f"{mail_id}.eml", content)
        return "250 spooled"


def _write(path: Path, content: bytes) -> None:
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(unfinished).replace(path)
