"""What the operator's statistics count: how many movements each doctor was told of."""

from collections.abc import Mapping
from datetime import datetime

from miss.base.ids import PractitionerId
from miss.storage import Database
from movements import store


async def tally_movements(db: Database, since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
    """From the first instant to before the second."""
    async with db.snapshot() as tx:
        return await store.tally(tx, since, until)
