"""One IMAP connection, as plain calls for a thread of its own.

No identifier of a mail outlives the connection: what was dealt with leaves the inbox, and the inbox is all that is
looked at.  So a mailbox that is restored, moved or renumbered (UIDVALIDITY, RFC 3501 §2.3.1.1) loses and repeats
nothing.

Source: RFC 3501, RFC 2177 (IDLE), RFC 6851 (MOVE), RFC 4315 (UIDPLUS), RFC 2342 (NAMESPACE).
"""

import contextlib
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

CONNECT_TIMEOUT_S: Final = 20.0
READ_TIMEOUT_S: Final = 60.0

ImapFailed = (IMAPClientError, OSError)
"""What a connection may raise: the server says no, or is away."""


class Tray(StrEnum):
    """The folders that mails are moved to, below the account's own namespace."""

    DONE = "Traités"
    REFUSED = "Refusés"


class TlsKind(StrEnum):
    """How the connection is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"
    """On a private way only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """Where the mailbox is, and its key."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: TlsKind = TlsKind.TLS
    context: ssl.SSLContext | None = None
    """None: the authorities of this machine."""


class ImapSession:
    """One connection to the inbox.  Every call may raise `ImapFailed`."""

    def __init__(self, account: ImapAccount) -> None:
        """Connect, sign in, make the trays, open the inbox."""
        context = account.context or ssl.create_default_context()
        timeout = SocketTimeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)
        self._client: Any = IMAPClient(
            account.host,
            account.port,
            ssl=account.tls is TlsKind.TLS,
            ssl_context=context if account.tls is TlsKind.TLS else None,
            timeout=timeout,
        )
        if account.tls is TlsKind.STARTTLS:
            self._client.starttls(context)
        self._client.login(account.user, account.password)
        self._prefix = self._find_prefix()
        for tray in Tray:
            if not self._client.folder_exists(self._prefix + tray):
                self._client.create_folder(self._prefix + tray)
        self._client.select_folder("INBOX")
        self._can_idle = bool(self._client.has_capability("IDLE"))

    def _find_prefix(self) -> str:
        if not self._client.has_capability("NAMESPACE"):
            return ""
        personal = self._client.namespace().personal
        return str(personal[0][0]) if personal else ""

    def list_(self, limit: int) -> list[int]:
        """What lies in the inbox, the oldest first."""
        return sorted(self._client.search("UNDELETED"))[:limit]

    def size_bytes(self, uid: int) -> int | None:
        """None: it is gone."""
        found = self._client.fetch([uid], ["RFC822.SIZE"]).get(uid)
        return int(found[b"RFC822.SIZE"]) if found else None

    def fetch(self, uid: int, *, only_headers: bool = False) -> bytes | None:
        """A mail, or its head, not marked as read; None: it is gone."""
        part = "BODY.PEEK[HEADER]" if only_headers else "BODY.PEEK[]"
        found = self._client.fetch([uid], [part]).get(uid)
        return bytes(found[part.replace(".PEEK", "").encode()]) if found else None

    def move(self, uid: int, tray: Tray) -> None:
        """Out of the inbox.  Where the server cannot move, copied first and then marked: never the other way round."""
        if self._client.has_capability("MOVE"):
            self._client.move([uid], self._prefix + tray)
            return
        self._client.copy([uid], self._prefix + tray)
        self._client.delete_messages([uid])
        if self._client.has_capability("UIDPLUS"):
            self._client.expunge([uid])

    def wait(self, timeout_s: float) -> None:
        """Until something happens in the inbox, or for `timeout_s`; returns at once without IDLE."""
        if not self._can_idle:
            return
        self._client.idle()
        self._client.idle_check(timeout=timeout_s)
        self._client.idle_done()

    @property
    def can_idle(self) -> bool:
        """Whether the server tells us by itself."""
        return self._can_idle

    def interrupt(self) -> None:
        """From another thread: whatever waits on this connection fails at once."""
        with contextlib.suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say good-bye if that is still possible, and hang up."""
        try:
            self._client.logout()
        except ImapFailed:
            with contextlib.suppress(*ImapFailed):
                self._client.shutdown()
