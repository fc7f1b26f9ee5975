"""Calls about people: as the server lists them, as the operator certified them."""

from miss.base.ids import AccountId
from miss.client.api import SuccessorLine
from miss.client.calls.base import Calls
from miss.client.model import DirectoryEntry, Successor, Who


class PeopleCalls(Calls):
    """Who there is to write to."""

    async def directory(self, text: str, limit: int = 20) -> list[DirectoryEntry]:
        """People by name, specialty or town.  Raises ServerRefused, ServerUnreachable."""
        return [
            DirectoryEntry(
                uid=None if line.uid is None else AccountId(line.uid),
                rpps=line.rpps or "",
                family=line.family,
                given=line.given,
                profession=line.profession or "",
                specialty=line.specialty or "",
                town=line.town or "",
                successor=_successor(line.successor),
                away_until=line.away_until,
            )
            for line in await self._parts.api.search_directory(text, limit)
        ]

    async def identity(self, uid: AccountId) -> Who:
        """Who somebody is, as the operator certified it.  Raises NotReachable, ServerUnreachable, LinkError."""
        return (await self._parts.identities.get(uid)).who


def _successor(line: SuccessorLine | None) -> Successor | None:
    if line is None:
        return None
    return Successor(None if line.uid is None else AccountId(line.uid), line.family, line.given, line.until_ms)
