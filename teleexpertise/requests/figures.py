"""What the operator's statistics count of requests: how many each person sent, never what they say."""

from collections.abc import Mapping
from datetime import datetime

from miss.base.ids import PractitionerId
from miss.storage import Database
from teleexpertise.requests import store


async def tally_requests(db: Database, since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
    """Requests begun from `since` to before `until` and sent, by requester (`miss.server.service.Flow`)."""
    async with db.snapshot() as tx:
        return await store.tally(tx, since, until)
