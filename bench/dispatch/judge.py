"""What became of every request: assigned once, to one expert, and how far apart the experts ever were."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import col, select

from miss.storage import Transaction
from teleexpertise.dispatch.attempts.model import LIVE
from teleexpertise.dispatch.attempts.tables import AttemptRow
from teleexpertise.dispatch.model import TURN
from teleexpertise.dispatch.tables import DispatchDecisionRow
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.model import State
from teleexpertise.requests.tables import RequestRow


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one run; all but `assigned` are to be 0, and the gap at most 1."""

    assigned: int
    lost: int
    """Still waiting, or with an expert who has no attempt, or an attempt that no request knows."""
    double: int
    """Attempts beyond the first of a request."""
    worst_gap: int
    """The most turns that an expert was ever ahead of another."""
    over_cap: int
    """Requests in hands that held as many as agreed."""
    turns_lost: int
    """Turns that an expert's credit does not show, or shows too many."""
    decisions_lost: int
    """Attempts without the record of their choice."""

    @property
    def is_right(self) -> bool:
        wrong = (self.lost, self.double, self.over_cap, self.turns_lost, self.decisions_lost)
        return not any(wrong) and self.worst_gap <= 1


class _Request(NamedTuple):
    id: str
    state: str
    attempt_id: str
    holder_id: str


class _Attempt(NamedTuple):
    id: str
    request_id: str
    practitioner_id: str
    state: str


async def judge(built: Teleexpertise) -> Verdict:
    """Look at everything that was written."""
    async with built.parts.db.snapshot() as tx:
        [pool] = await built.dispatch.list_pools(tx)
        members = await built.dispatch.list_members(tx, pool, built.parts.clock.now())
        # Columns, not rows of the model: of 100,000 these take longer than a transaction may stand still.
        asked = select(col(RequestRow.id), col(RequestRow.state), col(RequestRow.attempt_id), col(RequestRow.holder_id))
        requests = [_Request(*row) for row in await tx.exec(asked)]
        turns = select(
            col(AttemptRow.id), col(AttemptRow.request_id), col(AttemptRow.practitioner_id), col(AttemptRow.state)
        )
        attempts = [_Attempt(*row) for row in await tx.exec(turns.order_by(col(AttemptRow.offered_at)))]
        told = await _told(tx)
    live = {row.id: row for row in attempts if row.state in LIVE}
    whole = [
        row
        for row in requests
        if row.state == State.ASSIGNED and row.attempt_id in live and live[row.attempt_id].request_id == row.id
        and live[row.attempt_id].practitioner_id == row.holder_id
    ]  # fmt: skip
    served = Counter(row.practitioner_id for row in attempts)
    return Verdict(
        assigned=len(whole),
        lost=len(requests) - len(whole) + len({*live} - {row.attempt_id for row in whole}),
        double=len(attempts) - len({row.request_id for row in attempts}),
        worst_gap=worst_gap([member.practitioner_id for member in members], [row.practitioner_id for row in attempts]),
        over_cap=sum(max(0, served[one.practitioner_id] - (one.cap or len(attempts))) for one in members),
        turns_lost=sum(abs(one.credit // TURN - served[one.practitioner_id]) for one in members),
        decisions_lost=len({row.id for row in attempts} - told),
    )


def worst_gap(experts: Sequence[str], turns: Sequence[str]) -> int:
    """The most that somebody was ever ahead of somebody else, turn by turn."""
    had = Counter(dict.fromkeys(experts, 0))
    worst = 0
    for expert in turns:
        had[expert] += 1
        worst = max(worst, had[expert] - min(had.values()))
    return worst


async def _told(tx: Transaction) -> set[str]:
    return {attempt_id for attempt_id in await tx.exec(select(DispatchDecisionRow.attempt_id)) if attempt_id}
