"""What the server claims and the signatures contradict, outside the log: noted, announced, never believed.

A lie about a message stands in its place (`MessageRefused`), one about a commit is `CommitRefused`, one about the log
`SplitView`.  Here are the others: receipts, deletions, acknowledgements, links, restores, the owner's own
user key.  A server
that repeats itself, or lies a thousand times a second, is noted as often as somebody could want to know, no more.
"""

from typing import Final

from miss.base.clock import monotonic_s
from miss.base.errors import MissError
from miss.base.ids import AccountId, ConversationId
from miss.client.errors import (
    CertifiedIdentityMismatch,
    ChainWithdrawn,
    DeletionsWithoutEnd,
    RestorationForked,
    RestorationWithdrawn,
    RollbackNotCovered,
    UserKeyForged,
)
from miss.client.events import Announcer, ServerLied
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.protocol.errors import BadOpCert, LinkError, ReceiptError, RestorationError, StatementError

LIES: Final = (
    BadOpCert,
    CertifiedIdentityMismatch,
    ChainWithdrawn,
    DeletionsWithoutEnd,
    LinkError,
    ReceiptError,
    RestorationError,
    RestorationForked,
    RestorationWithdrawn,
    RollbackNotCovered,
    StatementError,
    UserKeyForged,
)
"""What an honest server never makes its clients raise; a version that is not known here is none of it."""
QUIET_S: Final = 60.0
"""The same is not noted again for as long."""
MAX_AT_ONCE: Final = 60
"""Different ones within that time; what is beyond is not noted at all."""

Subject = tuple[ConversationId | None, AccountId | None]


class Incidents:
    """What this device caught its server at."""

    def __init__(self, store: Store, identities: Identities, time: ServerTime, announcer: Announcer) -> None:
        self._store = store
        self._identities = identities
        self._time = time
        self._announcer = announcer
        self._recent: dict[tuple[str, Subject], float] = {}
        """When each was noted."""

    def note(self, error: MissError, event: object) -> bool:
        """Note that `event` was refused with `error`; False if it was noted a moment ago, or too much was."""
        key = error.code, self._subject(event)
        self._forget_old()
        if key in self._recent or len(self._recent) >= MAX_AT_ONCE:
            return False
        self._recent[key] = monotonic_s()
        code, subject = key
        self._store.incidents.note(code, *subject, self._time.now_ms())
        self._announcer.announce(ServerLied(code, *subject))
        return True

    def is_recent(self, error: MissError, event: object) -> bool:
        """True if the same was noted a moment ago: it is not worth asking anybody again."""
        self._forget_old()
        return (error.code, self._subject(event)) in self._recent

    def _forget_old(self) -> None:
        since_s = monotonic_s() - QUIET_S
        self._recent = {key: at_s for key, at_s in self._recent.items() if at_s > since_s}

    def _subject(self, event: object) -> Subject:
        """The conversation, else the person, that it is about: one that is known here, as a server may name any."""
        asked = getattr(event, "request", event)
        cid, uid = getattr(asked, "cid", None), getattr(asked, "uid", None)
        if cid is not None and self._store.conversations.find(cid) is not None:
            return cid, None
        return None, uid if uid is not None and self._identities.find(uid) is not None else None
