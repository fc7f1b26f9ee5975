"""An SMTP relay that takes every mail and says how many, and over how many connections at once; a process of its own.

`python -m bench.mail.relay`: prints its port, then, when its input ends, one line of JSON.
"""

import asyncio
import json
import sys
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Relay:
    """Counts."""

    def __init__(self) -> None:
        self.taken = self.sessions = self.open = self.most = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.taken += 1
        return "250 2.0.0 taken"


class Connection(SMTP):
    """One session, counted."""

    def connection_made(self, transport: Any) -> None:
        relay: Relay = self.event_handler
        relay.sessions += 1
        relay.open += 1
        relay.most = max(relay.most, relay.open)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.open -= 1
        super().connection_lost(error)


async def serve() -> None:
    relay = Relay()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(relay, hostname="relay.bench.example"), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"taken": relay.taken, "sessions": relay.sessions, "most": relay.most}), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
