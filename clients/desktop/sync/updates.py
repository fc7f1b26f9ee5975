"""Asks the account's server, once a day, whether a later version of this program is out, and tells it.

Nothing is fetched but the signed list, nothing is installed, and the server is told neither who asks nor which
version asks.  A list that is not its publisher's is told to the person once; no network, no list, one that has
expired or stands behind the last one is no news.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from ssl import SSLContext
from typing import Final

import httpx

from clients.desktop.releases import MAX_BYTES, ReleasesRefused, parse_releases
from clients.desktop.state import facts as f
from clients.desktop.store.lock import write_whole
from clients.desktop.words import spoken
from miss.base.clock import Clock

PATH: Final = "/desktop/releases.json"
EVERY_S: Final = 24 * 3600.0
AGAIN_S: Final = 600.0
"""After an attempt without an answer."""
TIMEOUT_S: Final = 20.0
SEEN: Final = "releases.json"
QUIET: Final = frozenset({"expired", "older", "future"})
"""What a clock or a forgetful server explains."""


class Updates:
    """The question, for one installation; `folder` remembers how far the lists had come."""

    def __init__(self, *, key: bytes, version: str, folder: Path, clock: Clock, tell: Callable[[f.Fact], None]) -> None:
        self._key = key
        self._version = version
        self._seen_path = folder / SEEN
        self._clock = clock
        self._tell = tell
        self._was_told = ""

    async def run(self, server_url: str, verify: SSLContext) -> None:
        """Until it is cancelled."""
        while True:
            answered = await self.ask(server_url, verify)
            await asyncio.sleep(EVERY_S if answered else AGAIN_S)

    async def ask(self, server_url: str, verify: SSLContext) -> bool:
        """Ask once, and tell what is new; False: the server did not answer."""
        try:
            content = await _fetch(server_url, verify)
        except (httpx.HTTPError, ValueError):
            return False
        if content is not None:
            self._judge(content)
        return True

    def _judge(self, content: bytes) -> None:
        try:
            releases = parse_releases(content, self._key, self._clock.now(), self._seen())
        except ReleasesRefused as refused:
            reason = str(refused.params["reason"])
            if reason not in QUIET and self._was_told != reason:
                self._was_told = reason
                self._tell(f.Troubled(refused.sentence(spoken())))
            return
        if releases.sequence != self._seen():
            write_whole(self._seen_path, json.dumps({"sequence": releases.sequence}).encode())
        self._tell(f.ReleaseTold(releases.newer_than(self._version)))

    def _seen(self) -> int:
        try:
            return int(json.loads(self._seen_path.read_bytes())["sequence"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0


async def _fetch(server_url: str, verify: SSLContext) -> bytes | None:
    """The list; None if this server has none.  Never more than a list may have, wherever it comes from."""
    headers = {"User-Agent": "MiSS"}
    async with (
        httpx.AsyncClient(base_url=server_url, timeout=TIMEOUT_S, verify=verify, headers=headers) as http,
        http.stream("GET", PATH) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            return None
        content = b""
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > MAX_BYTES:
                return content
    return content
