"""Who has which address: given, replaced on a change of name, found by what a mail says.

Two homonyms who are given an address at the same moment get different ones: the database's unique keys decide, and who
comes second takes the next number.
"""

from dataclasses import replace

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.directory.addresses import store
from miss.directory.addresses.errors import AddressesContended, AddressMissing
from miss.directory.addresses.model import Address, compose_domain, compose_stem, first_free
from miss.directory.audit.model import Fact, Subject
from miss.directory.audit.store import append
from miss.directory.practitioners.model import Practitioner
from miss.directory.register.mailboxes import is_address, normalise_address
from miss.storage import Database, Transaction

GIVEN, REPLACED = "address.give", "address.replace"
MAX_TRIES = 50
"""Each one that fails is an address that somebody else was given meanwhile."""


class Addresses:
    """Gives addresses and remembers them."""

    def __init__(self, db: Database, clock: Clock, *, base_domain: str, register: Database | None = None) -> None:
        """`base_domain`: what follows `medical59.`; `register`: as `Practitioners` takes it."""
        self._db = db
        self._register = register or db
        self._clock = clock
        self._base_domain = base_domain

    async def assign(self, practitioner: Practitioner, *, by: str) -> Address:
        """The person's address: the one they have, else a new one.  `by`: as in `Accounts`.

        Raises AddressesContended.
        """
        return await self._give(practitioner, by, renamed=False)

    async def rename(self, practitioner: Practitioner, *, by: str) -> Address:
        """An address after the name that the directory has now; the former one stays theirs, as an alias.

        Nothing changes if the name in the address is still the same: moving to another department is no reason to
        change it.  An address that the person had under that name earlier is theirs again.  Raises AddressMissing,
        AddressesContended.
        """
        return await self._give(practitioner, by, renamed=True)

    async def find_owner(self, address: str) -> PractitionerId | None:
        """To whom an address was given, be it an alias by now; upper or lower case."""
        normalised = normalise_address(address)
        if not is_address(normalised):
            return None
        async with self._db.snapshot() as tx:
            return await store.find_owner(tx, normalised)

    async def list_(self, practitioner_id: PractitionerId) -> list[Address]:
        """Every address of one person: the current one first, then the aliases, newest first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, practitioner_id)

    async def _give(self, practitioner: Practitioner, by: str, *, renamed: bool) -> Address:
        stem = compose_stem(practitioner.given, practitioner.family)
        domain = compose_domain(
            self._base_domain,
            practitioner.profession.code,
            [specialty.code for specialty in practitioner.specialties],
            next(iter(practitioner.departments), ""),
        )
        async with self._register.snapshot() as tx:
            claimed = await store.list_claimed(tx, stem, domain, practitioner.id)
        async with self._db.transaction() as tx:
            for _ in range(MAX_TRIES):
                held = await store.list_of(tx, practitioner.id)
                current = next((address for address in held if address.is_current), None)
                if current is None and renamed:
                    raise AddressMissing
                if current and (not renamed or current.stem == stem):
                    return current
                earlier = next((address for address in held if address.stem == stem), None)
                given = await self._place(tx, practitioner.id, stem, domain, claimed, current, earlier)
                if given is not None:
                    act = REPLACED if renamed else GIVEN
                    append(tx, Fact(self._clock.now(), by, act, Subject.practitioner(practitioner.id), str(given)))
                    return given
        raise AddressesContended

    async def _place(
        self,
        tx: Transaction,
        of: PractitionerId,
        stem: str,
        domain: str,
        claimed: set[int],
        current: Address | None,
        earlier: Address | None,
    ) -> Address | None:
        """What was given; None: somebody took it meanwhile, or the person was given one."""
        now = self._clock.now()
        if earlier is not None:
            return replace(earlier, replaced_at=None) if await store.revive(tx, earlier, current, now) else None
        number = first_free(claimed | await store.list_numbers(tx, stem, domain))
        given = Address(practitioner_id=of, stem=stem, number=number, domain=domain, given_at=now)
        return given if await store.insert(tx, given, current) else None
