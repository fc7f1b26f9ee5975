"""Certificates: put in, withdrawn, found by the address of a mail.  Each act is in the access log.

A certificate of an address that the directory knows as somebody's is published at once, by its owner (who has just
proved who they are) or by a technician: a technician could check no more than the service does, while a key that waits
for days in a queue is a mail that leaves unencrypted.  An address that the directory does not know is proposed first,
as any change of an entry.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.certificates import store
from miss.directory.certificates.errors import (
    CertificateExists,
    CertificateForOthers,
    CertificateNotFound,
    CertificateRevoked,
    CertificateUntrusted,
    TooManyCertificates,
)
from miss.directory.certificates.model import Certificate, choose_current, examine
from miss.directory.certificates.trust import Standing, Trust
from miss.directory.practitioners import Practitioners
from miss.storage import Database

MAX_CERTIFICATES: Final = 20
"""Of one person, not withdrawn and not expired."""
MAX_SHOWN: Final = 100
_NO_ADDRESS: Final = "—"


class Certificates:
    """Whose public key is which, now and before."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        trust: Trust | None = None,
    ) -> None:
        """`trust`: whose certificates are taken; None: anybody's."""
        self._trust = trust or Trust()
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._audit = AuditLog(db, clock)

    async def add(self, of: PractitionerId, content: bytes, *, by: str) -> Certificate:
        """Publish a certificate of one of somebody's addresses.  `by`: actor of the access log.

        Raises CertificateForOthers, CertificateUntrusted, CertificateRevoked, CertificateExists, TooManyCertificates,
        and as `examine`.
        """
        now = self._clock.now()
        facts = examine(content, now)
        if not await self._names(of, facts.addresses):
            raise CertificateForOthers(named=", ".join(facts.addresses)[:200] or _NO_ADDRESS)
        standing = (await self._trust.judge({"": facts.der}, now))[""]
        if standing is Standing.REVOKED:
            raise CertificateRevoked
        if standing.is_refused:
            raise CertificateUntrusted(issuer=facts.issuer[:200])
        certificate = Certificate(
            id=new_row_id(now, self._random_bytes), practitioner_id=of, facts=facts, added_at=now, added_by=by
        )
        async with self._db.transaction() as tx:
            living = await store.list_living(tx, [of])
            if sum(one.facts.not_after >= now for one in living) >= MAX_CERTIFICATES:
                raise TooManyCertificates(limit=MAX_CERTIFICATES)
            if not await store.insert(tx, certificate):
                raise CertificateExists
            self._audit.append(
                tx, actor=by, act="certificate.added", subject=Subject.practitioner(of), detail=facts.fingerprint
            )
        return certificate

    async def withdraw(self, of: PractitionerId, certificate_id: str, *, by: str) -> None:
        """Nobody encrypts with it from now on.  Raises CertificateNotFound, for somebody else's too."""
        if not certificate_id.isprintable():
            raise CertificateNotFound
        async with self._db.transaction() as tx:
            if not await store.withdraw(tx, of, certificate_id, self._clock.now()):
                raise CertificateNotFound
            self._audit.append(
                tx, actor=by, act="certificate.withdrawn", subject=Subject.practitioner(of), detail=certificate_id
            )

    async def list_of(self, of: PractitionerId) -> list[Certificate]:
        """Somebody's, withdrawn and expired ones too (at most `MAX_SHOWN`), the one added last first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, of, MAX_SHOWN)

    async def judge(self, certificates: Sequence[Certificate]) -> dict[str, Standing]:
        """What is thought today of who issued each of them, by their identifiers."""
        return await self._trust.judge({one.id: one.facts.der for one in certificates}, self._clock.now())

    async def current(self, address: str, now: datetime) -> Certificate | None:
        """The one to encrypt a mail to `address` with; None: send it without.

        An address that has become somebody else's has none of its former owner's.
        """
        wanted = address.strip().lower()
        async with self._db.snapshot() as tx:
            found = await store.list_for(tx, wanted)
        owner = await self._practitioners.find_by_mailbox(wanted) if found else None
        own = [one for one in found if owner and one.practitioner_id == owner.id and one.is_usable(now)]
        standings = await self.judge(own)
        return choose_current([one for one in own if not standings[one.id].is_refused], wanted, now)

    async def _names(self, of: PractitionerId, addresses: Collection[str]) -> bool:
        """True if one of `addresses` is that person's."""
        for address in addresses:
            owner = await self._practitioners.find_by_mailbox(address)
            if owner is not None and owner.id == of:
                return True
        return False
