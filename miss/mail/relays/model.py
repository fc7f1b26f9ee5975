"""A relay, and which relays a mail may leave by.  Pure.

A smarthost of an operator, never the recipient's own server: MSSanté operators talk to each other, a platform hands
its mails to one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

DEFAULT_CONNECTIONS: Final = 5
DEFAULT_MAILS: Final = 100


class TlsPolicy(StrEnum):
    """What is asked of the way to a relay (RFC 3207, RFC 7817)."""

    NONE = "none"
    """No STARTTLS: a private network, or this very machine."""
    ENCRYPT = "encrypt"
    """STARTTLS or nothing; whose certificate it is, is not looked at."""
    VERIFY = "verify"
    """STARTTLS with a certificate for that host, of a known authority or of `Relay.ca_file`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """One SMTP relay."""

    name: str
    """In logs and on the console."""
    host: str
    port: int = 25
    tls: TlsPolicy = TlsPolicy.VERIFY
    ca_file: Path | None = None
    """PEM; the only authority believed.  None: those of the system."""
    user: str = ""
    password: str = field(default="", repr=False)
    domains: tuple[str, ...] = ()
    """Of recipients: `mssante.example` is for it and for all under it.  Empty: for those that no other relay names."""
    rank: int = 0
    """Lower ones are tried first."""
    max_connections: int = DEFAULT_CONNECTIONS
    """At once, from this process."""
    max_mails: int = DEFAULT_MAILS
    """In one session."""

    def fit(self, domain: str) -> int:
        """How closely it is meant for a domain, in labels; -1: not at all, 0: for want of a better one."""
        if not self.domains:
            return 0
        return max((named.count(".") + 1 for named in self.domains if _is_under(domain, named)), default=-1)


def route(relays: Iterable[Relay], domain: str) -> tuple[Relay, ...]:
    """The relays for mail to a domain, in the order of failover; those named for it most closely, and no others.

    Relays for everybody do not stand in for those of a named domain: what a closed network carries stays on it.
    """
    fits = [(relay.fit(domain.lower()), relay) for relay in relays]
    best = max((fit for fit, _ in fits), default=-1)
    return tuple(sorted((relay for fit, relay in fits if fit == best >= 0), key=lambda relay: relay.rank))


def _is_under(domain: str, named: str) -> bool:
    return domain == named or domain.endswith(f".{named}")
