"""A complete request beyond what its requester's establishment may send a day: kept, told, and sent the next day.

One that shows an alert sign is never kept back: it is counted and goes.
"""

from dataclasses import replace
from hashlib import sha256
from typing import Final

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Language, Text
from miss.directory.establishments.quotas import EstablishmentAdviceSpent
from miss.directory.establishments.quotas.model import day_after
from miss.storage import Transaction
from miss.storage.jobs import schedule
from teleexpertise.intake.assessment import Assessment
from teleexpertise.questionnaire.model import Problem
from teleexpertise.requests.parts import Parts

GO_ON: Final = "teleexpertise.go_on"
SPENT: Final = EstablishmentAdviceSpent.code


async def within_quota(parts: Parts, tx: Transaction, requester: PractitionerId, assessment: Assessment) -> Assessment:
    """Count a request that is about to be sent; beyond the quota, the assessment says why it is not."""
    payer = await parts.allowances.establishment_of(requester, tx)
    try:
        await parts.allowances.ask(tx, payer, is_urgent=assessment.red_flag_hours is not None)
    except EstablishmentAdviceSpent as spent:
        said = Text(fr=spent.sentence(Language.FR), en=spent.sentence(Language.EN))
        return replace(assessment, problems=(Problem("", SPENT, said),))
    return assessment


def is_beyond_quota(assessment: Assessment) -> bool:
    """Whether nothing but the quota keeps it back."""
    return [problem.code for problem in assessment.problems] == [SPENT]


async def plan_tomorrow(parts: Parts, tx: Transaction, request_id: RequestId, sealed: bytes) -> None:
    """Have it go by itself when the quota is whole again, if nobody has changed it by then.  `sealed`: the draft."""
    due_at, seen = day_after(parts.clock.now()), sha256(sealed).hexdigest()
    await schedule(tx, GO_ON, request_id, due_at, random_bytes=parts.random_bytes, payload={"seen": seen})
