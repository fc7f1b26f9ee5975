"""When a flow of mail is said to fail.  Pure.

One mail that is late or refused is an accident of one mailbox; `MANY` of them, or the same refusal of `ALIKE`
different recipients, is something that the other side's technicians can and have to repair.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from miss.mail.outbound.model import Undelivered

MANY: Final = 3
"""Mails not delivered within a day."""
ALIKE: Final = 2
"""Recipients refused with the same code."""
TELL_EVERY: Final = timedelta(days=1)
_CODE: Final = re.compile(
    r"(?:(?P<basic>[2459]\d\d)(?:[ -](?P<enhanced>[245]\.\d{1,3}\.\d{1,3}))?|(?P<bare>[245]\.\d{1,3}\.\d{1,3}))\b"
)
"""RFC 5321 §4.2, RFC 3463 §2; 900 to 906: arrived, and the software could not file it."""


class FlowKind(StrEnum):
    """What a flow leads to."""

    ESTABLISHMENT = "establishment"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, order=True)
class FlowKey:
    """Which flow."""

    kind: FlowKind
    id: str
    """Of the establishment's record; or the domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingFlow:
    """One flow that fails."""

    key: FlowKey
    undelivered: int
    """Mails."""
    since: datetime
    """When the oldest of them was to leave."""
    reply: str
    """What the other side, or the relay, said last; empty: nothing."""
    told_at: datetime | None = None
    """When the establishment's technical contact was told last."""

    def is_told_due(self, now: datetime) -> bool:
        """True if the contact has not been told of it within a day."""
        return self.told_at is None or now - self.told_at >= TELL_EVERY


def code_of(reply: str) -> str:
    """What refusals are compared by: `5.1.1` of `550 5.1.1 <…> unknown`, else `550`; empty if there is no code."""
    found = _CODE.match(reply)
    return (found["enhanced"] or found["bare"] or found["basic"]) if found else ""


def find_failing(
    undelivered: Iterable[Undelivered], keys: Mapping[str, Collection[FlowKey]]
) -> dict[FlowKey, FailingFlow]:
    """The flows that fail; `keys`: those that each recipient belongs to, by address."""
    mails: dict[FlowKey, list[Undelivered]] = {}
    for mail in undelivered:
        for key in keys.get(mail.recipient, ()):
            mails.setdefault(key, []).append(mail)
    return {key: _flow(key, some) for key, some in mails.items() if len(some) >= MANY or _is_alike(some)}


def _is_alike(mails: Collection[Undelivered]) -> bool:
    """True if different recipients were refused for the same reason."""
    refused = {(code_of(mail.reply), mail.recipient) for mail in mails if mail.is_refused and code_of(mail.reply)}
    return max(Counter(code for code, _ in refused).values(), default=0) >= ALIKE


def _flow(key: FlowKey, mails: Collection[Undelivered]) -> FailingFlow:
    latest = max(mails, key=lambda mail: (bool(mail.reply), mail.queued_at))
    return FailingFlow(key=key, undelivered=len(mails), since=min(mail.queued_at for mail in mails), reply=latest.reply)
