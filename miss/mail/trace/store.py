"""Queries on the traces of mails."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, or_, update
from sqlmodel import col, select

from miss.base.ids import MailId
from miss.mail.outbound.tables import OutboundMailRow
from miss.mail.trace.model import Mailed, Stage, Step
from miss.mail.trace.tables import MailStepRow
from miss.storage import Transaction


class Pile(StrEnum):
    """Mails as a technician sorts them."""

    QUEUED = "queued"
    """Never tried yet, or leaving."""
    DELAYED = "delayed"
    """Tried in vain, on our side or theirs."""
    REFUSED = "refused"
    """Nobody will take them any more."""
    REJECTED = "rejected"
    """Arrived, and not filed."""
    WITHDRAWN = "withdrawn"
    ARRIVED = "arrived"
    """Handed over, with or without news since."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some mails, newest first."""

    mails: Sequence[Mailed]
    cursor: str
    """Where the next page begins; empty: there is none."""


async def find_by_id(tx: Transaction, mail_id: str) -> Mailed | None:
    """The mail of that identifier, which is its ENVID."""
    row = await tx.get(OutboundMailRow, mail_id)
    return _mailed(row) if row else None


async def find_by_message_id(tx: Transaction, message_id: str) -> Mailed | None:
    """The mail of that Message-ID."""
    row = (await tx.exec(select(OutboundMailRow).where(OutboundMailRow.message_id == message_id))).one_or_none()
    return _mailed(row) if row else None


async def find_sealed(tx: Transaction, mail_id: str) -> bytes:
    """The mail under its data key; empty if it is destroyed."""
    row = await tx.get(OutboundMailRow, mail_id)
    return row.sealed if row else b""


async def list_about(tx: Transaction, about: str, limit: int) -> list[Mailed]:
    """The mails that belong to something, oldest first."""
    query = select(OutboundMailRow).where(OutboundMailRow.about == about).order_by(col(OutboundMailRow.id)).limit(limit)
    return [_mailed(row) for row in await tx.exec(query)]


async def find_last(tx: Transaction, abouts: Collection[str]) -> Mapping[str, Mailed]:
    """The last mail that belongs to each of these."""
    query = select(OutboundMailRow).where(col(OutboundMailRow.about).in_(abouts)).order_by(col(OutboundMailRow.id))
    return {row.about: _mailed(row) for row in await tx.exec(query)}


async def list_of_author(tx: Transaction, author: str, since: datetime, until: datetime, limit: int) -> list[Mailed]:
    """Mails that bring somebody's words, queued from the first instant to before the second, newest first."""
    query = (
        select(OutboundMailRow)
        .where(
            OutboundMailRow.author == author,
            col(OutboundMailRow.queued_at) >= since,
            col(OutboundMailRow.queued_at) < until,
            col(OutboundMailRow.digest).is_not(None),
        )
        .order_by(col(OutboundMailRow.queued_at).desc(), col(OutboundMailRow.id).desc())
        .limit(limit)
    )
    return [_mailed(row) for row in await tx.exec(query)]


async def list_pile(tx: Transaction, pile: Pile, cursor: str, limit: int) -> Page:
    """A page of a pile, from `cursor` on."""
    query = select(OutboundMailRow).where(_on(pile)).order_by(col(OutboundMailRow.id).desc()).limit(limit + 1)
    if cursor:
        query = query.where(col(OutboundMailRow.id) < cursor)
    rows = (await tx.exec(query)).all()
    return Page([_mailed(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else "")


async def count_piles(tx: Transaction, piles: Collection[Pile]) -> dict[Pile, int]:
    """How many mails lie on each."""
    return {
        pile: (await tx.exec(select(func.count()).select_from(OutboundMailRow).where(_on(pile)))).one()
        for pile in piles
    }


async def list_steps(tx: Transaction, mail_ids: Collection[str]) -> Mapping[str, list[Step]]:
    """What was reported of each of these mails, oldest first."""
    query = select(MailStepRow).where(col(MailStepRow.mail_id).in_(mail_ids)).order_by(col(MailStepRow.id))
    found: dict[str, list[Step]] = {mail_id: [] for mail_id in mail_ids}
    for row in await tx.exec(query):
        found[row.mail_id].append(Step(stage=Stage(row.stage), at=row.at, source=row.source, by=row.by, code=row.code))
    return found


async def has_step(tx: Transaction, mail_id: MailId, digest: bytes) -> bool:
    """Whether that very report was kept before."""
    query = select(MailStepRow.id).where(MailStepRow.mail_id == mail_id, MailStepRow.digest == digest)
    return (await tx.exec(query)).one_or_none() is not None


async def insert_step(tx: Transaction, row_id: str, mail_id: MailId, digest: bytes, step: Step) -> None:
    """Keep what a report said.  Raises IntegrityError if that very report is kept."""
    tx.add(
        MailStepRow(
            id=row_id,
            mail_id=mail_id,
            digest=digest,
            stage=step.stage.value,
            at=step.at,
            source=step.source,
            by=step.by,
            code=step.code,
        )
    )
    await tx.flush()


async def set_fate(tx: Transaction, mail_id: MailId, fate: Step) -> None:
    """What the reports come to."""
    await tx.exec(
        update(OutboundMailRow)
        .where(col(OutboundMailRow.id) == mail_id)
        .values(fate=fate.stage.value, fate_at=fate.at, fate_reply=fate.code)
    )


async def mark_arrived(tx: Transaction, mail_id: MailId, now: datetime) -> bool:
    """A mail that we took for unsent has arrived: it is not sent again.  False if it was not queued."""
    marked = await tx.exec(
        update(OutboundMailRow)
        .where(col(OutboundMailRow.id) == mail_id, col(OutboundMailRow.state) == Stage.QUEUED.value)
        .values(state=Stage.ACCEPTED.value, settled_at=now)
    )
    return marked.rowcount == 1


async def list_proofs_past(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Settled mails older than that with a proof still, oldest first."""
    query = (
        select(OutboundMailRow.id)
        .where(
            col(OutboundMailRow.queued_at) < before,
            col(OutboundMailRow.state) != Stage.QUEUED.value,
            col(OutboundMailRow.digest).is_not(None),
        )
        .order_by(col(OutboundMailRow.queued_at))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def destroy_proofs(tx: Transaction, mail_ids: Collection[str]) -> None:
    """Forget what these mails were and what came back."""
    await tx.exec(delete(MailStepRow).where(col(MailStepRow.mail_id).in_(mail_ids)))
    await tx.exec(update(OutboundMailRow).where(col(OutboundMailRow.id).in_(mail_ids)).values(digest=None, author=""))


def _on(pile: Pile) -> ColumnElement[bool]:
    state, fate, reply = col(OutboundMailRow.state), col(OutboundMailRow.fate), col(OutboundMailRow.reply)
    is_ours = state == Stage.QUEUED.value
    if pile is Pile.QUEUED:
        return and_(is_ours, reply == "")
    if pile is Pile.DELAYED:
        return or_(and_(is_ours, reply != ""), fate == Stage.DELAYED.value)
    if pile is Pile.REFUSED:
        return or_(state.in_((Stage.REFUSED.value, Stage.EXPIRED.value)), fate == Stage.FAILED.value)
    if pile is Pile.REJECTED:
        return fate == Stage.REJECTED.value
    if pile is Pile.WITHDRAWN:
        return state == Stage.WITHDRAWN.value
    unhappy = (Stage.DELAYED.value, Stage.FAILED.value, Stage.REJECTED.value)
    return and_(state == Stage.ACCEPTED.value, fate.not_in(unhappy))


def _mailed(row: OutboundMailRow) -> Mailed:
    return Mailed(
        id=MailId(row.id),
        message_id=row.message_id,
        about=row.about,
        sender=row.sender,
        recipient=row.recipient,
        author=row.author,
        stage=Stage(row.fate or row.state),
        state=Stage(row.state),
        queued_at=row.queued_at,
        settled_at=row.settled_at,
        reply=row.reply,
        attempts=row.attempts,
        due_at=row.due_at,
        digest=row.digest,
        size_bytes=row.size_bytes,
        is_readable=bool(row.sealed),
    )
