"""Write what a move made of a request: its row, its timeline and its timers, together.

Timers follow from the request alone, so that none outlives its state and no state is without its own: an offer ends
(EXPIRE), time runs for whoever has to move (REMIND), a request that waits is tried again (ASSIGN, which `assignment`
schedules).  They are rows of the job table: a restart loses none.  Source: teleexpertise.md §7.
"""

from collections.abc import Sequence

from miss.storage import Transaction
from miss.storage.direct import Change, write
from miss.storage.jobs import cancelled, scheduled
from teleexpertise.requests import store
from teleexpertise.requests.deadlines import next_reminder
from teleexpertise.requests.model import ExpertiseRequest, Fact, State
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.telling import tell

ASSIGN = "teleexpertise.assign"
EXPIRE = "teleexpertise.expire"
REMIND = "teleexpertise.remind"


async def record(
    parts: Parts,
    tx: Transaction,
    request: ExpertiseRequest,
    *facts: Fact,
    answer: bytes | None = None,
    also: Sequence[Change] = (),
) -> None:
    """The request as it now stands and what happened; `answer` as `store.save` takes it, `also` what goes with it."""
    told = [store.added_fact(request.id, fact, parts.random_bytes) for fact in facts]
    await write(tx, store.saved(request, answer=answer), *told, *await _timers(parts, tx, request), *also)
    for fact in facts:
        await tell(parts, tx, request, fact)


async def keep_timers(parts: Parts, tx: Transaction, request: ExpertiseRequest) -> None:
    """Have the timers of this state run, and no other."""
    await write(tx, *await _timers(parts, tx, request))


async def _timers(parts: Parts, tx: Transaction, request: ExpertiseRequest) -> list[Change]:
    timers = []
    if request.state is not State.READY:
        timers.append(cancelled(ASSIGN, request.id))
    if request.offer_expires_at is None:
        timers.append(cancelled(EXPIRE, request.id))
    else:
        timers.append(
            scheduled(
                EXPIRE, request.id, request.offer_expires_at, random_bytes=parts.random_bytes,
                payload={"attempt": request.attempt_id},
            )
        )  # fmt: skip
    pool = await parts.dispatch.get_pool(tx, request.sent.pool_id) if request.sent else None
    due_at = next_reminder(request, pool) if pool else None
    if due_at is None:
        timers.append(cancelled(REMIND, request.id))
    else:
        timers.append(scheduled(REMIND, request.id, due_at, random_bytes=parts.random_bytes))
    return timers
