"""The mail server of the correspondents, on the machine: an SMTP door that keeps each mail as a file."""

import asyncio
import itertools
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Keeper:
    """Takes everything."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The machine boots more than once: a mail never takes the place of an earlier one.
        last = max((int(path.stem) for path in folder.glob("*.eml")), default=0)
        self._numbers = itertools.count(last + 1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        name = f"{next(self._numbers):06}"
        (self._folder / f"{name}.tmp").write_bytes(envelope.content)
        (self._folder / f"{name}.tmp").rename(self._folder / f"{name}.eml")
        return "250 2.0.0 taken"


async def main(folder: Path, port: int) -> None:
    keeper = Keeper(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, hostname="medecin.mssante.example"), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
