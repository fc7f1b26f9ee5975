"""What a proof says, as values and as JSON.  Pure.

A proof names mails by their Message-ID and digest, never by a subject or a word: it may be shown to a judge, a
colleague or an insurer without telling them of a patient.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from miss.base.retention import HOUSE
from miss.mail.trace.model import Mailed, Step, timeline

FORMAT: Final = "miss-mail-proof/1"
DOWNLOAD_FOR: Final = HOUSE.period("mail.proofs_download")
KEPT_FOR: Final = HOUSE.period("mail.proofs")
MAX_MAILS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Proof:
    """One mail, and what came back."""

    mailed: Mailed
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the platform states of somebody's mails."""

    operator: str
    author: str
    """As the directory writes their name."""
    author_id: str
    """PS_IdNat."""
    terms: str
    """The version of the general conditions that the author has accepted; empty: none is recorded."""
    terms_accepted_at: datetime | None
    made_at: datetime
    since: datetime
    until: datetime
    proofs: Sequence[Proof]

    def to_json(self) -> bytes:
        """The bytes that are signed: keys in order, UTF-8, instants in UTC."""
        return json.dumps(self._content(), ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"

    def _content(self) -> Mapping[str, Any]:
        return {
            "format": FORMAT,
            "operator": self.operator,
            "author": {"name": self.author, "id": self.author_id},
            "terms": {"version": self.terms, "accepted_at": _instant(self.terms_accepted_at)},
            "made_at": _instant(self.made_at),
            "since": _instant(self.since),
            "until": _instant(self.until),
            "mails": [_mail(proof) for proof in self.proofs],
        }


def month_before(now: datetime) -> tuple[datetime, datetime]:
    """The whole calendar month before `now`, in its zone: first instant, and the one after the last."""
    until = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (until - timedelta(days=1)).replace(day=1), until


def month_after(now: datetime) -> datetime:
    """When the next monthly archive is due: the first of the next month, at 05:00 in the zone of `now`."""
    return (now.replace(day=28, hour=5, minute=0, second=0, microsecond=0) + timedelta(days=4)).replace(day=1)


def _mail(proof: Proof) -> Mapping[str, Any]:
    mailed = proof.mailed
    return {
        "id": mailed.id,
        "message_id": mailed.message_id,
        "from": mailed.sender,
        "to": mailed.recipient,
        "sha256": mailed.digest.hex() if mailed.digest else None,
        "size_bytes": mailed.size_bytes,
        "stage": mailed.stage.value,
        "steps": [
            {"stage": entry.stage.value, "at": _instant(entry.at), "by": entry.by, "detail": entry.detail}
            for entry in timeline(mailed, proof.steps)
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None
