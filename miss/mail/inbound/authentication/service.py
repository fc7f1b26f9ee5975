"""The proof of one mail: its signature first, else what servers say.

S/MIME stands behind `Protection` (`miss.mail.smime`): a platform without a mail key still judges; it opens nothing, and
takes no signature for a proof.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from miss.base.clock import Clock
from miss.mail.addresses import MailAddress
from miss.mail.headers import Headers
from miss.mail.inbound.authentication.errors import SenderNotProved, SignatureRequired
from miss.mail.inbound.authentication.model import Proof, Signing, Trust, Via


@dataclass(frozen=True, slots=True, repr=False)
class OpenedMail:
    """A mail without its protection."""

    content: bytes
    """The very bytes that came if it had none."""
    signers: frozenset[MailAddress] = frozenset()
    """Addresses whose owner signed all of it, as certificates that we believe say."""


class Protection(Protocol):
    """What opens mails."""

    async def open(self, raw: bytes) -> OpenedMail:
        """Raises a MailRefused for what is protected and does not open, an Unavailable if it cannot be tried now."""
        ...


HasCertificate = Callable[[str, datetime], Awaitable[object | None]]
"""Whether the directory holds a mail certificate of an address (`Certificates.current`)."""


class Authentication:
    """Opens mails, and asks for their proof."""

    def __init__(
        self,
        trust: Trust,
        clock: Clock,
        protection: Protection | None = None,
        certificate: HasCertificate | None = None,
    ) -> None:
        self._trust = trust
        self._clock = clock
        self._protection = protection
        self._certificate = certificate

    async def open(self, raw: bytes) -> OpenedMail:
        """The mail as its reader reads it.  Raises what `Protection.open` raises."""
        return OpenedMail(raw) if self._protection is None else await self._protection.open(raw)

    async def require_proof(self, opened: OpenedMail, headers: Headers, sender: MailAddress, via: Via) -> Proof:
        """What proves that `sender` wrote it.  `headers`: of the mail as it came.

        Raises SignatureRequired, SenderNotProved.
        """
        if sender in opened.signers:
            return Proof.SMIME
        if await self._must_sign(sender):
            raise SignatureRequired
        proof = self._trust.find_proof(headers, sender, via)
        if proof is Proof.NONE and self._trust.proof_required:
            raise SenderNotProved
        return proof

    async def _must_sign(self, sender: MailAddress) -> bool:
        if self._trust.signing is not Signing.DECLARED:
            return self._trust.signing is Signing.REQUIRED
        return bool(self._certificate and await self._certificate(str(sender), self._clock.now()))
