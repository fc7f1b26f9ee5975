"""Mail protected on its way out, opened on its way in.

Out: signed always, and encrypted as well where the directory holds a certificate of the recipient's address, to them
and to ourselves.  In: opened layer by layer; the signature that counts is the one directly over the clear content, for
a signature around an encrypted text says only who passed it on.  Whether a mail must be signed is the mail room's
policy, not decided here.
"""

import warnings
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from miss.base.clock import Clock
from miss.directory.certificates.errors import CertificateMalformed
from miss.directory.certificates.model import UNREADABLE, Certificate, read_facts
from miss.mail.smime.cms import Cms, Verified
from miss.mail.smime.entity import (
    MAX_LAYERS,
    Layer,
    around,
    encoded_content,
    enveloped_entity,
    is_report,
    layer_of,
    payload,
    signed_entity,
    signed_parts,
    unwrapped,
)
from miss.mail.smime.errors import EncryptedMailUnreadable, SignatureInvalid
from miss.mail.smime.keys import MailKey
from miss.mail.smime.model import Opened, Signature, Unreadable, may_sign

CurrentCertificate = Callable[[str, datetime], Awaitable[Certificate | None]]
"""The one to encrypt to an address with: `Certificates.current`."""
SIGNATURE_BYTES: Final = 8_000
"""Of a signature with the certificates of its issuers, and of what is written around it."""


class Smime:
    """Signs, encrypts, opens."""

    def __init__(self, cms: Cms, own: MailKey, current: CurrentCertificate, clock: Clock) -> None:
        self._cms = cms
        self._own = own
        self._current = current
        self._clock = clock

    def now(self) -> datetime:
        """The instant by which certificates are judged."""
        return self._clock.now()

    async def protect(self, raw: bytes, recipient: str) -> bytes:
        """A composed mail as it leaves: signed, and encrypted if `recipient` can read it; a report is left as it is.

        Raises CmsAway.
        """
        if is_report(raw):
            return raw
        known = await self._current(recipient, self._clock.now())
        parts, entity = payload(raw, hides_subject=known is not None)
        signed = signed_entity(entity, await self._cms.sign(entity))
        if known is None:
            return around(parts, signed, hides_subject=False)
        theirs = x509.load_der_x509_certificate(known.facts.der)
        enveloped = await self._cms.encrypt(signed, [theirs, self._own.certificate])
        return around(parts, enveloped_entity(enveloped), hides_subject=True)

    async def room_for(self, recipient: str, limit_bytes: int) -> int:
        """How large a composed mail may be to leave within `limit_bytes`: encrypted, it is written in base64 again."""
        known = await self._current(recipient, self._clock.now())
        return limit_bytes - SIGNATURE_BYTES if known is None else limit_bytes * 8 // 11 - SIGNATURE_BYTES

    async def open(self, raw: bytes) -> Opened:
        """A mail that arrives, without its protection.

        Raises SignatureInvalid for a signed one that does not fit, EncryptedMailUnreadable for an encrypted one
        whatever is wrong with it, CmsAway.
        """
        is_encrypted = False
        try:
            entity, signature = raw, None
            for _ in range(MAX_LAYERS):
                match layer_of(entity):
                    case Layer.CLEAR:
                        break
                    case Layer.ENVELOPED:
                        is_encrypted, signature = True, None
                        entity = await self._cms.decrypt(encoded_content(entity))
                    case Layer.DETACHED:
                        both = signed_parts(entity)
                        entity, signature = self._signed(await self._cms.verify(both.signature, both.entity))
                    case Layer.OPAQUE:
                        entity, signature = self._signed(await self._cms.verify(encoded_content(entity), None))
            if layer_of(entity) is not Layer.CLEAR:
                raise Unreadable
            content = raw if entity is raw else unwrapped(raw, entity)
        except Unreadable:
            raise (EncryptedMailUnreadable if is_encrypted or _is_encrypted(raw) else SignatureInvalid) from None
        return Opened(content=content, signature=signature, is_encrypted=is_encrypted)

    def _signed(self, verified: Verified) -> tuple[bytes, Signature]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if not may_sign(verified.signer, self._clock.now()):
                    raise Unreadable
                facts = read_facts(verified.signer.public_bytes(Encoding.DER))
        except (CertificateMalformed, *UNREADABLE):
            raise Unreadable from None
        return verified.content, Signature(certificate=facts, issuers=verified.issuers)


def _is_encrypted(raw: bytes) -> bool:
    try:
        return layer_of(raw) is Layer.ENVELOPED
    except Unreadable:
        return False
