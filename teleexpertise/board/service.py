"""The figures of pools, for those who coordinate them, and what each answer leaves for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from miss.base.clock import Clock
from miss.base.ids import PoolId, PractitionerId
from miss.directory.practitioners import Practitioner, Practitioners
from miss.server.console.statistics.model import bounds, month_of, months_until
from miss.storage import Database, Transaction
from teleexpertise.board import store
from teleexpertise.board.errors import BoardUnknown
from teleexpertise.board.model import WEEK, WEEKS, WINDOWS, PoolFigures, Records, figures
from teleexpertise.dispatch import Dispatch, Pool
from teleexpertise.dispatch.errors import PoolUnknown
from teleexpertise.follow_up import store as follow_up_store
from teleexpertise.follow_up.figures import MONTHS, SurveyFigures, survey_figures
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.store import list_open
from teleexpertise.requests.timing import answering_time

QUALITY_ITEM = "r.qualite"
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PoolBoard:
    """A pool's figures, and the names of its experts."""

    pool: Pool
    figures: PoolFigures
    people: dict[PractitionerId, Practitioner]
    survey: SurveyFigures
    """What requesters say."""


class Board:
    """Counts, and changes nothing."""

    def __init__(self, db: Database, clock: Clock, practitioners: Practitioners, dispatch: Dispatch) -> None:
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._dispatch = dispatch

    async def of(self, pool_id: PoolId, coordinator: PractitionerId) -> PoolBoard:
        """A pool as its coordinator sees it.  Raises BoardUnknown for any other pool."""
        now = self._clock.now()
        since = now - max(*WINDOWS, WEEK * WEEKS)
        async with self._db.snapshot() as tx:
            pool = await self._get_pool(tx, pool_id, coordinator)
            records = Records(
                weights=await store.list_weights(tx, pool_id),
                turns=await store.list_turns(tx, pool_id, now - max(WINDOWS)),
                answered=await store.list_answered(tx, pool_id, since),
                choices=await store.list_choices(tx, pool_id, now - max(WINDOWS)),
                open_since=[one.sent.at for one in await list_open(tx, pool_id) if one.sent],
            )
            month = month_of(now)
            said = await follow_up_store.list_said(tx, pool_id, bounds(months_until(month, MONTHS)[0])[0])
        people = await self._practitioners.get_many([*records.weights])
        return PoolBoard(pool, figures(records, now), people, survey_figures(said, month))

    async def by_deadline(self) -> dict[str, float]:
        """For the operator's watch: how many requests are `late`, due `soon` (an hour), `in_time`; `unassigned`."""
        now = self._clock.now()
        async with self._db.snapshot() as tx:
            counts = await store.count_by_deadline(tx, now, now + SOON)
        return {name: float(count) for name, count in counts.items()}

    async def _get_pool(self, tx: Transaction, pool_id: PoolId, coordinator: PractitionerId) -> Pool:
        try:
            pool = await self._dispatch.get_pool(tx, pool_id)
        except PoolUnknown:
            raise BoardUnknown from None
        if pool.coordinator_id != coordinator:
            raise BoardUnknown
        return pool


async def record_answer(
    tx: Transaction, request: ExpertiseRequest, expert: PractitionerId, response: QuestionnaireResponse, now: datetime
) -> None:
    """Keep what the figures need of an answer, in the transaction that sends it."""
    quality = response.first(QUALITY_ITEM)
    spent = answering_time(response.answered_at.values())
    writing_s = round(spent.total_seconds()) if spent else 0
    await store.put_answer(tx, request, expert, now, quality.code if isinstance(quality, Coding) else "", writing_s)
