"""How many requests each person sent in a month."""

from datetime import UTC, datetime, timedelta

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.storage import Database
from teleexpertise.requests.figures import tally_requests
from teleexpertise.requests.tables import RequestRow

OCTOBER, NOVEMBER = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
PAUL, ANNE = PractitionerId("899900000029"), PractitionerId("899900000011")


async def test_what_was_begun_in_the_month_and_sent_is_counted_by_requester(
    db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    second = timedelta(seconds=1)
    rows = [
        (PAUL, OCTOBER, True),
        (PAUL, NOVEMBER - second, True),
        (ANNE, OCTOBER + second, True),
        (ANNE, OCTOBER + second, False),
        (ANNE, OCTOBER - second, True),
        (ANNE, NOVEMBER, True),
    ]
    async with db.transaction() as tx:
        for number, (requester, at, is_sent) in enumerate(rows):
            tx.add(
                RequestRow(
                    id=new_row_id(at, random_bytes), number=f"TE{number}", requester_id=requester, state="x",
                    created_at=at, submitted_at=at if is_sent else None, content=b"",
                )
            )  # fmt: skip
    assert await tally_requests(db, OCTOBER, NOVEMBER) == {PAUL: 2, ANNE: 1}
    assert await tally_requests(db, NOVEMBER, clock.now()) == {ANNE: 1}
    assert await tally_requests(db, datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)) == {}
