"""Say that one is away, take it back; who is away, for those who show or plan.

`today` is the caller's: pages know the zone in which they show days.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, timedelta, tzinfo

from miss.base.clock import Clock
from miss.base.ids import PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.absence import store
from miss.directory.absence.errors import AbsenceNotFound, ColleagueUnknown
from miss.directory.absence.model import Absence, require_sane
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import Practitioners
from miss.storage import Database, Transaction

OnAbsence = Callable[[PractitionerId], Awaitable[None]]
"""Called once the absences of somebody have changed."""


class Absences:
    """Who is away."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        audit: AuditLog,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._audit = audit
        self._listeners: list[OnAbsence] = []

    def add_listener(self, listener: OnAbsence) -> None:
        """Have `listener` called after each change."""
        self._listeners.append(listener)

    async def add(
        self, account: Account, first_day: date, last_day: date, message: str, colleague: str, *, today: date
    ) -> Absence:
        """Be away.  `colleague`: the RPPS number or address of whom to turn to; empty: nobody.

        Raises ColleagueUnknown and as `require_sane`.
        """
        absence = Absence(
            id=new_row_id(self._clock.now(), self._random_bytes),
            uid=account.uid,
            practitioner_id=account.practitioner_id,
            first_day=first_day,
            last_day=last_day,
            message="\n".join(message.strip().splitlines()),
            colleague=await self._find_colleague(account, colleague.strip()),
        )
        async with self._db.transaction() as tx:
            await self._accounts.lock(tx, account.uid)
            require_sane(absence, await store.list_of(tx, account.uid, today), today)
            await store.delete_over(tx, account.uid, today)
            await store.insert(tx, absence)
            self._record(tx, account, "absence.added", f"{first_day.isoformat()}/{last_day.isoformat()}")
        await self._tell(account.practitioner_id)
        return absence

    async def remove(self, account: Account, absence_id: str) -> None:
        """Take one back.  Raises AbsenceNotFound."""
        async with self._db.transaction() as tx:
            if not await store.delete_absence(tx, account.uid, absence_id):
                raise AbsenceNotFound
            self._record(tx, account, "absence.removed", "")
        await self._tell(account.practitioner_id)

    async def list_(self, account: Account, *, today: date) -> Sequence[Absence]:
        """The person's own, those to come and the present one, in order."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, account.uid, today)

    async def list_current(self, ids: Collection[PractitionerId], *, today: date) -> Mapping[PractitionerId, Absence]:
        """Who of these people (some hundreds at most) is away today: to be shown on their entries."""
        async with self._db.snapshot() as tx:
            found = await store.list_of_many(tx, ids, today)
        return {absence.practitioner_id: absence for absence in found if absence.covers(today)}

    async def find_now(self, of: PractitionerId, zone: tzinfo) -> Absence | None:
        """The absence that somebody's entry shows now, by the calendar of `zone`."""
        today = self._clock.now().astimezone(zone).date()
        return (await self.list_current([of], today=today)).get(of)

    async def load(self, tx: Transaction, ids: Collection[PractitionerId]) -> Mapping[PractitionerId, list[Absence]]:
        """Everybody's absences that are not long over, in the caller's transaction: to plan around them."""
        since = (self._clock.now() - timedelta(days=2)).date()
        found: dict[PractitionerId, list[Absence]] = {}
        for absence in await store.list_of_many(tx, ids, since):
            found.setdefault(absence.practitioner_id, []).append(absence)
        return found

    async def _find_colleague(self, account: Account, typed: str) -> PractitionerId | None:
        if not typed:
            return None
        find = self._practitioners.find_by_mailbox if "@" in typed else self._practitioners.find_by_rpps
        found = await find(typed)
        # Somebody on the red list is shown to nobody, hence not on another's entry either.
        if found is None or found.id == account.practitioner_id or found.entry.is_red_listed:
            raise ColleagueUnknown
        return found.id

    async def _tell(self, practitioner_id: PractitionerId) -> None:
        for listener in self._listeners:
            await listener(practitioner_id)

    def _record(self, tx: Transaction, account: Account, act: str, detail: str) -> None:
        self._audit.append(tx, actor=account.uid.hex(), act=act, subject=Subject.account(account.uid), detail=detail)
