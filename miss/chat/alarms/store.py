"""Queries on alarms."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, tuple_, update
from sqlmodel import col, select

from miss.base.ids import AccountId, ConversationId
from miss.chat.alarms.model import Place, RaisedAlarm, Step
from miss.chat.alarms.tables import AlarmRow, AlarmStepRow
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.tables import MemberRow
from miss.protocol.wire.frames import AlarmState
from miss.storage import Transaction
from miss.storage.direct import HotStatement

UID_BYTES = 16


async def add(tx: Transaction, alarms: Sequence[RaisedAlarm]) -> None:
    """Raise alarms: part of a deposit, one statement."""
    connection = await tx.connection()
    await connection.execute(insert(AlarmRow), [_values(alarm) for alarm in alarms])


async def find(tx: Transaction, place: Place, *, lock: bool = False) -> RaisedAlarm | None:
    """One alarm; `lock`: held until the transaction ends."""
    query = select(AlarmRow).where(AlarmRow.cid == place.cid, AlarmRow.seq == place.seq)
    if lock:
        query = query.with_for_update()
    row = (await tx.exec(query)).one_or_none()
    return None if row is None else _alarm(row)


async def put(tx: Transaction, alarm: RaisedAlarm) -> None:
    """Keep the new state of an alarm that this transaction has locked."""
    place = alarm.place
    await tx.exec(
        update(AlarmRow).where(col(AlarmRow.cid) == place.cid, col(AlarmRow.seq) == place.seq).values(_values(alarm))
    )


async def add_step(tx: Transaction, place: Place, step: Step) -> None:
    """Record an escalation."""
    tx.add(
        AlarmStepRow(
            cid=place.cid, seq=place.seq, number=step.number, uid=step.uid, at_ms=step.at_ms, mailed=step.mailed
        )
    )
    await tx.flush()


async def remove(tx: Transaction, cid: ConversationId, seqs: Collection[int]) -> None:
    """Forget the alarms of these envelopes."""
    for row in (AlarmStepRow, AlarmRow):
        await tx.exec(delete(row).where(col(row.cid) == cid, col(row.seq).in_(seqs)))


async def list_alarms(tx: Transaction, cid: ConversationId, limit: int) -> list[RaisedAlarm]:
    """The alarms of one conversation, newest first."""
    query = select(AlarmRow).where(AlarmRow.cid == cid).order_by(col(AlarmRow.seq).desc()).limit(limit)
    return [_alarm(row) for row in await tx.exec(query)]


async def list_steps(tx: Transaction, places: Collection[Place]) -> Mapping[Place, list[Step]]:
    """The escalations of each of these alarms, in order."""
    query = (
        select(AlarmStepRow)
        .where(tuple_(col(AlarmStepRow.cid), col(AlarmStepRow.seq)).in_(sorted(places)))
        .order_by(col(AlarmStepRow.number))
    )
    steps: dict[Place, list[Step]] = {place: [] for place in places}
    for row in await tx.exec(query):
        steps[Place(ConversationId(row.cid), row.seq)].append(
            Step(row.number, AccountId(row.uid), row.at_ms, row.mailed)
        )
    return steps


_ALARMED = HotStatement(
    "SELECT DISTINCT chat_member.uid FROM chat_alarm JOIN chat_member USING (cid)"  # noqa: S608 - a number
    f" WHERE chat_member.uid = ANY($1::bytea[]) AND to_version IS NULL AND state <> {int(AlarmState.ACKNOWLEDGED)}",
    select(col(MemberRow.uid))
    .join(AlarmRow, col(AlarmRow.cid) == MemberRow.cid)
    .where(
        col(MemberRow.uid).in_(bindparam("uids", expanding=True)),
        col(MemberRow.to_version).is_(None),
        AlarmRow.state != AlarmState.ACKNOWLEDGED,
    )
    .distinct(),
    ("uids",),
)


async def alarmed_among(tx: Transaction, uids: Collection[AccountId]) -> frozenset[AccountId]:
    """Those of `uids` in whose conversations an alarm waits for somebody."""
    return frozenset(AccountId(uid) for (uid,) in await _ALARMED.fetch(tx, list(uids)))


async def list_unacknowledged(tx: Transaction, uid: AccountId, limit: int) -> list[RaisedAlarm]:
    """Alarms nobody has acknowledged in the conversations of `uid`, newest first."""
    query = (
        select(AlarmRow)
        .where(
            col(AlarmRow.cid).in_(conversation_store.current_of(uid)),
            AlarmRow.state != AlarmState.ACKNOWLEDGED,
        )
        .order_by(col(AlarmRow.due_ms).desc())
        .limit(limit)
    )
    return [_alarm(row) for row in await tx.exec(query)]


def _values(alarm: RaisedAlarm) -> dict[str, object]:
    return {
        "cid": alarm.place.cid,
        "seq": alarm.place.seq,
        "author": alarm.author,
        "env_hash": alarm.env_hash,
        "state": int(alarm.state),
        "next_uids": b"".join(alarm.next_uids),
        "delay_ms": alarm.delay_ms,
        "due_ms": alarm.due_ms,
        "uid": alarm.uid,
        "ack": alarm.ack,
        "steps": alarm.steps,
    }


def _alarm(row: AlarmRow) -> RaisedAlarm:
    starts = range(0, len(row.next_uids), UID_BYTES)
    return RaisedAlarm(
        place=Place(ConversationId(row.cid), row.seq),
        author=AccountId(row.author),
        env_hash=row.env_hash,
        state=AlarmState(row.state),
        next_uids=tuple(AccountId(row.next_uids[start : start + UID_BYTES]) for start in starts),
        delay_ms=row.delay_ms,
        due_ms=row.due_ms,
        uid=None if row.uid is None else AccountId(row.uid),
        ack=row.ack,
        steps=row.steps,
    )
