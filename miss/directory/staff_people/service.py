"""Write down who was verified; find them again.  Looking a name up belongs to `Practitioners`."""

from collections.abc import Sequence

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.directory.staff_people import store
from miss.directory.staff_people.errors import StaffAddressTaken, StaffNumbersSpent
from miss.directory.staff_people.model import MAX_RANK, Issuer, StaffPerson
from miss.storage import Database, Transaction

TRIES = 5
MAX_FOUND = 20
MAX_LISTED = 500


class StaffPeople:
    """Who has an account and no RPPS number."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def add(
        self,
        tx: Transaction,
        issuer: Issuer,
        *,
        family: str,
        given: str,
        function: str,
        employer: str,
        email: str,
        invited_by: AccountId,
    ) -> StaffPerson:
        """A new person with a number of `issuer`, in the caller's transaction.

        Raises StaffAddressTaken if somebody else has that address, StaffNumbersSpent after 9 999 people.
        """
        for _ in range(TRIES):
            if await store.find_by_email(tx, email) is not None:
                break
            try:
                number = await store.next_id(tx, issuer)
            except ValueError:
                raise StaffNumbersSpent(limit=MAX_RANK) from None
            person = StaffPerson(
                id=number,
                family=family,
                given=given,
                function=function,
                employer=employer,
                email=email,
                invited_by=invited_by,
                since=self._clock.now(),
            )
            if await store.insert(tx, person):
                return person
        raise StaffAddressTaken

    async def find_by_email(self, email: str) -> StaffPerson | None:
        """Whose address for notices that is (normalised)."""
        async with self._db.snapshot() as tx:
            return await store.find_by_email(tx, email)

    async def list_of(self, issuer: Issuer) -> Sequence[StaffPerson]:
        """Those whom an employer numbers, in that order (at most `MAX_LISTED`)."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, issuer, MAX_LISTED)

    async def list_by_name(self, text: str) -> Sequence[StaffPerson]:
        """For technicians: those of whose names the words of `text` are beginnings, `MAX_FOUND` at most."""
        words = text.split()
        if not words:
            return []
        async with self._db.snapshot() as tx:
            return await store.list_by_name(tx, words[:4], MAX_FOUND)
