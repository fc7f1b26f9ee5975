"""A mail that left, the steps that reports add to it, and the one stage they come to.  Pure.

Reports arrive in any order, twice, or never: the stage depends on what was said, not on the order it came in.
Source: RFC 3464 §2.3.3 (actions), RFC 8098 §3.2.6 (dispositions), MSSanté guide « Transmission au LPS d'un document
CDA » (error codes of integration 900-906).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from miss.base.ids import MailId
from miss.base.text import Text


class Stage(StrEnum):
    """Where a mail has come to."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    """Our relay has it."""
    REFUSED = "refused"
    """Our relay will not take it."""
    EXPIRED = "expired"
    """Nobody took it in five days."""
    WITHDRAWN = "withdrawn"
    """An operator gave it up."""
    DELAYED = "delayed"
    RELAYED = "relayed"
    """Handed to a system that reports no more."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """The other side did not take it, or no more."""
    DELETED = "deleted"
    """Without being read."""
    DISPLAYED = "displayed"
    PROCESSED = "processed"
    """By somebody, or something that does not say that it filed it."""
    INTEGRATED = "integrated"
    """Filed by the reader's software."""
    REJECTED = "rejected"
    """Arrived, and the reader's software could not file it: codes 900 to 906."""


REPORTED: Final = frozenset(Stage) - {Stage.QUEUED, Stage.ACCEPTED, Stage.REFUSED, Stage.EXPIRED, Stage.WITHDRAWN}
"""What only a report can say."""
ARRIVED: Final = frozenset(
    {Stage.RELAYED, Stage.DELIVERED, Stage.DELETED, Stage.DISPLAYED, Stage.PROCESSED, Stage.INTEGRATED, Stage.REJECTED}
)
"""What nobody can say of a mail that no relay took."""
_WEIGHTS: Final[Mapping[Stage, int]] = {
    Stage.DELAYED: 0,
    Stage.RELAYED: 1,
    Stage.DELIVERED: 2,
    Stage.FAILED: 3,
    Stage.DELETED: 4,
    Stage.DISPLAYED: 5,
    Stage.PROCESSED: 6,
    Stage.REJECTED: 7,
    Stage.INTEGRATED: 7,
}
"""A mail that was opened did arrive, whatever was bounced since; filed by hand after a refusal, it is filed."""

NAMES: Final[Mapping[Stage, Text]] = {
    Stage.QUEUED: Text(fr="En file d’attente", en="Queued"),
    Stage.ACCEPTED: Text(fr="Remis au relais de messagerie", en="Handed to the mail relay"),
    Stage.REFUSED: Text(fr="Refusé par le relais de messagerie", en="Refused by the mail relay"),
    Stage.EXPIRED: Text(fr="Abandonné après cinq jours d’essais", en="Given up after five days of tries"),
    Stage.WITHDRAWN: Text(fr="Abandonné par un technicien", en="Given up by a technician"),
    Stage.DELAYED: Text(fr="Retardé chez le destinataire", en="Delayed on the recipient’s side"),
    Stage.RELAYED: Text(fr="Transmis à un système sans suivi", en="Passed on to a system that reports no more"),
    Stage.DELIVERED: Text(fr="Remis dans la boîte du destinataire", en="Delivered to the recipient’s mailbox"),
    Stage.FAILED: Text(fr="Refusé par la messagerie du destinataire", en="Refused by the recipient’s mail system"),
    Stage.DELETED: Text(fr="Supprimé sans avoir été lu", en="Deleted unread"),
    Stage.DISPLAYED: Text(fr="Affiché par le destinataire", en="Displayed by the recipient"),
    Stage.PROCESSED: Text(fr="Traité par le destinataire", en="Processed by the recipient"),
    Stage.INTEGRATED: Text(fr="Intégré dans le dossier du patient", en="Filed in the patient’s record"),
    Stage.REJECTED: Text(fr="Non intégré par le logiciel du destinataire", en="Not filed by the recipient’s software"),
}

INTEGRATION_ERRORS: Final[Mapping[str, Text]] = {
    "900": Text(fr="version du document incorrecte", en="wrong version of the document"),
    "901": Text(fr="auteur non autorisé à remplacer ou supprimer", en="author may not replace or delete"),
    "902": Text(fr="identifiant du patient inconnu", en="patient identifier unknown"),
    "903": Text(fr="INS absente du document", en="no INS in the document"),
    "904": Text(fr="INS différente de celle du dossier", en="INS differs from the one on record"),
    "905": Text(fr="INS incomplète", en="INS incomplete"),
    "906": Text(fr="autre motif", en="another reason"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one report said of one mail."""

    stage: Stage
    at: datetime
    """When it came to us: the reporter's clock is not ours."""
    source: str
    """`dsn` or `mdn`."""
    by: str
    """The host or program that says so."""
    code: str = ""
    """`5.1.1` (RFC 3463), or 900 to 906."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """A mail that was queued once."""

    id: MailId
    message_id: str
    about: str
    sender: str
    recipient: str
    author: str
    """Whose words it brings (PS_IdNat); empty: the platform's own."""
    stage: Stage
    queued_at: datetime
    settled_at: datetime | None
    """When our side was done with it."""
    state: Stage
    """What our side did: queued, accepted, refused, expired, withdrawn."""
    reply: str
    """What the relay said last."""
    attempts: int
    due_at: datetime | None
    """Of a queued mail: its next try."""
    digest: bytes | None
    """SHA-256 of the mail as it left."""
    size_bytes: int
    is_readable: bool
    """What it said is kept still."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a timeline."""

    stage: Stage
    at: datetime
    detail: str
    """A code or a relay's reply; may be empty."""
    by: str

    @property
    def name(self) -> Text:
        """What people read."""
        return NAMES[self.stage]

    @property
    def reason(self) -> Text | None:
        """What an error code of integration means."""
        return INTEGRATION_ERRORS.get(self.detail) if self.stage is Stage.REJECTED else None


def fate_of(steps: Iterable[Step]) -> Step | None:
    """The step that counts, whatever order they came in; None: there are none."""
    return max(steps, key=lambda step: (_WEIGHTS[step.stage], step.at, step.stage, step.code), default=None)


def timeline(mailed: Mailed, steps: Sequence[Step]) -> list[TimelineEntry]:
    """All that is known of a mail, oldest first."""
    entries = [TimelineEntry(Stage.QUEUED, mailed.queued_at, "" if mailed.settled_at else mailed.reply, "")]
    if mailed.settled_at is not None:
        entries.append(TimelineEntry(mailed.state, mailed.settled_at, mailed.reply, ""))
    entries += [TimelineEntry(step.stage, step.at, step.code, step.by) for step in steps]
    return sorted(entries, key=lambda entry: entry.at)
