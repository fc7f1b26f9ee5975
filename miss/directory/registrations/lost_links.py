"""« J'ai perdu mon lien de suivi »: another link to one's request, sent to the address of contact that it names.

Asking does the same whoever's the address is: one job is queued, and what it finds is told to that mailbox, never to
the page (security.md §2, row 22).  The earlier links stay good: who lost one may find it again.
"""

from hashlib import blake2b
from typing import Final

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.register.mailboxes import is_address, normalise_address
from miss.directory.registrations import store
from miss.directory.registrations.errors import ContactMalformed
from miss.directory.registrations.model import MailKind, Registration, Status
from miss.directory.registrations.service import Registrations
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, JobRunner, schedule

JOB: Final = "registration.lost_link"
MAX_LINKS: Final = 3
"""Requests of one address that are told, the newest: a mail each."""
REFERENCE_BYTES: Final = 8


class LostLinks:
    """Sends follow links again."""

    def __init__(
        self, db: Database, clock: Clock, random_bytes: RandomBytes, registrations: Registrations, jobs: JobRunner
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._registrations = registrations
        self._jobs = jobs

    async def ask(self, address: str) -> str:
        """Have a link to each of its requests sent to `address`, if it has any; the address as it is looked for.

        Raises ContactMalformed for what no request can name.
        """
        email = normalise_address(address)
        if not is_address(email):
            raise ContactMalformed
        async with self._db.transaction() as tx:
            now = self._clock.now()
            key = blake2b(email.encode(), digest_size=16).hexdigest()
            await schedule(tx, JOB, key, now, random_bytes=self._random_bytes, payload={"email": email})
        self._jobs.wake()
        return email

    def job_handler(self) -> JobHandler:
        """Sends what was asked for."""
        return JobHandler(JOB, self._answer)

    async def _answer(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            named = await store.list_by_email(tx, job.payload["email"])
            for registration in [one for one in named if self._is_followed(one)][:MAX_LINKS]:
                # The same mail if the job runs a second time: the outbox keeps one.
                reference = blake2b(f"{job.id}:{registration.id}".encode(), digest_size=REFERENCE_BYTES).hexdigest()
                await self._registrations.write(tx, registration, MailKind.LINK, reference=reference)
        self._jobs.wake()

    def _is_followed(self, registration: Registration) -> bool:
        """There is something to see behind a link: an open request, or a decision whose documents are still kept."""
        if registration.status is Status.WITHDRAWN or registration.merged_into:
            return False
        return registration.status.is_open or self._clock.now() < registration.since + self._registrations.retention
