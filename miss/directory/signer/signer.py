"""Countersigns links and receipts with keys already in memory; reads no file, opens no database."""

from datetime import timedelta

from nacl.signing import SigningKey

from miss.base.clock import Clock, to_ms
from miss.directory.accounts import Account
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.practitioners import Practitioner
from miss.directory.signer.errors import DeviceClockWrong, IdentityMismatch
from miss.protocol.crypto.links import Link, Who, countersign
from miss.protocol.crypto.opcert import OpCert, root_fingerprint

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a link's date may lie from the operator's clock."""


class Signer:
    """The operator's working keys and their certificates."""

    def __init__(
        self,
        *,
        root_public: bytes,
        op_key: SigningKey,
        rc_key: SigningKey,
        token_key: bytes,
        audit_key: SigningKey,
        certs: tuple[OpCert, ...],
        clock: Clock,
    ) -> None:
        """`certs`: every certificate ever issued for these keys; old ones still prove old links and receipts."""
        self.root_public = root_public
        self.certs = certs
        self.receipt_key = rc_key
        self.token_key = token_key
        """32 bytes, the same in every process that holds this folder."""
        self.audit_key = audit_key
        """Signs the anchors of the access log, nothing else."""
        self._op_key = op_key
        self._clock = clock

    @property
    def opcerts(self) -> tuple[bytes, ...]:
        """The certificates as clients receive them."""
        return tuple(cert.raw for cert in self.certs)

    @property
    def root_fingerprint(self) -> str:
        """What is printed on the activation letter and compared by eye: eight groups of four hex digits."""
        return root_fingerprint(self.root_public)

    def countersign(self, link: Link, account: Account, practitioner: Practitioner) -> Link:
        """`link`, attested: its author is `account`, whom the directory knows as `practitioner`.

        The caller has checked that the link follows its chain.  Raises AccountNotActive, IdentityMismatch,
        DeviceClockWrong.
        """
        if not account.is_active:
            raise AccountNotActive
        if link.core.uid != account.uid:
            raise IdentityMismatch(field="uid")
        if practitioner.id != account.practitioner_id:
            raise IdentityMismatch(field="practitioner")
        if link.core.who is not None:
            _require_same(link.core.who, who_of(practitioner))
        off_by_ms = abs(link.core.ts - to_ms(self._clock.now()))
        if off_by_ms > CLOCK_TOLERANCE / timedelta(milliseconds=1):
            raise DeviceClockWrong(off_by_s=off_by_ms // 1000)
        return countersign(link, self._op_key)


def who_of(practitioner: Practitioner) -> Who:
    """The identity that links of this person carry: the directory's own words."""
    return Who(
        rpps=practitioner.rpps or "",
        family=practitioner.family,
        given=practitioner.given,
        profession=practitioner.profession.display,
    )


def _require_same(claimed: Who, known: Who) -> None:
    for field in ("rpps", "family", "given", "profession"):
        if getattr(claimed, field) != getattr(known, field):
            raise IdentityMismatch(field=field)
