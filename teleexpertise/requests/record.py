"""Write what a move made of a request: its row, its timeline and its timers, together.

Timers follow from the request alone, so that none outlives its state and no state is without its own: an offer ends
(EXPIRE), time runs for whoever has to move (REMIND), a request that waits is tried again (ASSIGN, which `assignment`
schedules).  They are rows of the job table: a restart loses none.  Source: teleexpertise.md §7.
"""

from miss.storage import Transaction
from miss.storage.jobs import cancel, schedule
from teleexpertise.requests import store
from teleexpertise.requests.deadlines import next_reminder
from teleexpertise.requests.model import ExpertiseRequest, Fact, State
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.telling import tell

ASSIGN = "teleexpertise.assign"
EXPIRE = "teleexpertise.expire"
REMIND = "teleexpertise.remind"


async def record(
    parts: Parts, tx: Transaction, request: ExpertiseRequest, *facts: Fact, answer: bytes | None = None
) -> None:
    """The request as it now stands and what happened; `answer` as `store.save` takes it."""
    await store.save(tx, request, answer=answer)
    for fact in facts:
        await store.add_fact(tx, request.id, fact, parts.random_bytes)
        await tell(parts, tx, request, fact)
    await keep_timers(parts, tx, request)


async def keep_timers(parts: Parts, tx: Transaction, request: ExpertiseRequest) -> None:
    """Have the timers of this state run, and no other."""
    if request.state is not State.READY:
        await cancel(tx, ASSIGN, request.id)
    if request.offer_expires_at is None:
        await cancel(tx, EXPIRE, request.id)
    else:
        await schedule(
            tx, EXPIRE, request.id, request.offer_expires_at, random_bytes=parts.random_bytes,
            payload={"attempt": request.attempt_id},
        )  # fmt: skip
    await _keep_reminder(parts, tx, request)


async def _keep_reminder(parts: Parts, tx: Transaction, request: ExpertiseRequest) -> None:
    pool = await parts.dispatch.get_pool(tx, request.sent.pool_id) if request.sent else None
    due_at = next_reminder(request, pool) if pool else None
    if due_at is None:
        await cancel(tx, REMIND, request.id)
    else:
        await schedule(tx, REMIND, request.id, due_at, random_bytes=parts.random_bytes)
