"""Who was invited and never came is forgotten: name, function and mailbox go, the link's digest and the dates stay.

Thirty days after the link lapsed, the invitation was withdrawn or the sign-up came to nothing.  Whoever acts, or has
acted, by a mandate keeps a name in its story.
"""

from typing import Final

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.directory.invitations import store
from miss.directory.invitations.errors import InvitationNotFound
from miss.directory.invitations.model import Act, Invitation, Standing, standing
from miss.directory.registrations import store as registration_store
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, schedule

FORGET: Final = "invitation.forget"
FORGET_AFTER: Final = HOUSE.period("accounts.invitations")
_OVER: Final = frozenset({Standing.EXPIRED, Standing.NOT_ADMITTED, Standing.WITHDRAWN})
_UNDER_WAY: Final = frozenset({Standing.INVITED, Standing.VERIFYING})


async def forget_later(tx: Transaction, invitation: Invitation, random_bytes: RandomBytes) -> None:
    """Look at it again once it may have come to nothing; in the transaction of each act on it."""
    due_at = max(invitation.since, invitation.link_ends_at) + FORGET_AFTER
    if standing(invitation, invitation.since, None) is Standing.WITHDRAWN:
        due_at = invitation.since + FORGET_AFTER
    await schedule(tx, FORGET, invitation.id, due_at, random_bytes=random_bytes)


class Forgetting:
    """Takes the names out of what came to nothing."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes

    def job_handler(self) -> JobHandler:
        """The handler of this room's timer."""
        return JobHandler(FORGET, self._forget)

    async def _forget(self, job: Job) -> None:
        now = self._clock.now()
        async with self._db.transaction() as tx:
            try:
                found = await store.get(tx, job.key)
                invitation = await store.get_locked(tx, found.id, found.role, found.scope)
            except InvitationNotFound:
                return
            asked = [invitation.registration_id] if invitation.registration_id else []
            statuses = await registration_store.list_status(tx, asked) if asked else {}
            stands = standing(invitation, now, statuses.get(invitation.registration_id))
            if asked and stands is Standing.VERIFYING and not statuses:
                # The sign-up came to nothing and was forgotten before.
                stands = Standing.NOT_ADMITTED
            if stands in _UNDER_WAY:
                await schedule(tx, FORGET, invitation.id, now + FORGET_AFTER, random_bytes=self._random_bytes)
            elif stands in _OVER and not invitation.is_forgotten:
                await store.forget(tx, invitation.id)
                store.record(tx, invitation, Act.FORGET, "", now)
