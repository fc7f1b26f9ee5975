"""A database server that is gone without a word: its connections end all the same.

A machine that loses its power or its network closes nothing.  Who waits for its answer waits until the kernel gives up,
which takes a quarter of an hour when something was sent (tcp(7), `tcp_retries2`) and lasts for ever when nothing was.
Asking the kernel costs nothing and, unlike a time limit on statements, ends none that takes long.  The other way
round PostgreSQL is asked not to wait for us: a transaction that stands still holds its locks against every process.
"""

import contextlib
import socket
from typing import Any, Final

SILENCE_S: Final = 15
"""How long the other side may say nothing at all."""
SERVER_SETTINGS: Final = {"idle_in_transaction_session_timeout": f"{SILENCE_S}s"}
"""For PostgreSQL, with each connection."""
_PROBES: Final = 2


def end_when_silent(driver: Any) -> None:
    """`driver`: a connection of asyncpg, which has no public way to its socket.  Not over a Unix socket."""
    sock: socket.socket = driver._transport.get_extra_info("socket")
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    probe_s = max(1, SILENCE_S // (_PROBES + 1))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", probe_s),
        ("TCP_KEEPINTVL", probe_s),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", SILENCE_S * 1000),
    ):
        # Not every system has all of them.
        with contextlib.suppress(AttributeError):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
