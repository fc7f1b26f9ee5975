"""Patience with wrong tries: by account and by network, growing with each; the same for names nobody has.

A try counts before it is judged, so that parallel ones do not slip through, and is taken back if it was right.
"""

from math import ceil

from miss.base.clock import Clock
from miss.directory.sign_in import store
from miss.directory.sign_in.errors import AddressThrottled, SignInThrottled
from miss.directory.sign_in.model import ACCOUNT_PACE, ADDRESS_PACE, subject_of_address
from miss.storage import Database, Transaction


class Tries:
    """Counts of tries; every way in that can be guessed at goes through here."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def begin(self, subject: str, address: str) -> None:
        """Count one under `subject` and one for `address` (none if empty).

        Raises SignInThrottled or AddressThrottled; neither is counted then.
        """
        async with self._db.transaction() as tx:
            # The network first, always: two processes that take both rows never wait for each other in a circle.
            if address:
                network = subject_of_address(address)
                failures = await store.lock_failures(tx, network, self._clock.now())
                now = self._clock.now()
                if wait := failures.wait(now, ADDRESS_PACE):
                    raise AddressThrottled(retry_after_s=ceil(wait.total_seconds()))
                await store.set_failures(tx, network, failures.add(now, ADDRESS_PACE))
            failures = await store.lock_failures(tx, subject, self._clock.now())
            now = self._clock.now()
            if wait := failures.wait(now, ACCOUNT_PACE):
                raise SignInThrottled(retry_after_s=ceil(wait.total_seconds()))
            await store.set_failures(tx, subject, failures.add(now, ACCOUNT_PACE))

    async def succeed(self, tx: Transaction, subject: str, address: str) -> None:
        """The try was right: those of `subject` are forgotten, that of `address` is taken back.

        Not all of the network's: whoever has an account there could otherwise try others' passwords at leisure.
        """
        if address:
            await store.take_back_failure(tx, subject_of_address(address), ADDRESS_PACE.parts)
        await store.forget_failures(tx, subject)
