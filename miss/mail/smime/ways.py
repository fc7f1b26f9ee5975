"""Where S/MIME stands on the ways of a mail: before the relay on the way out, before the judge on the way in."""

from dataclasses import dataclass

from miss.directory.certificates import Standing, Trust
from miss.mail.addresses import MailAddress, parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.inbound.authentication.service import OpenedMail
from miss.mail.outbound.transport import MailTransport
from miss.mail.smime.model import Signature
from miss.mail.smime.service import CurrentCertificate, Smime


class ProtectedTransport:
    """A transport behind which every mail is protected: signed anew at each try, so that its hour is true."""

    def __init__(self, inner: MailTransport, smime: Smime) -> None:
        self.inner = inner
        self._smime = smime

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        """As `MailTransport.send`.  Raises CmsAway, too."""
        return await self.inner.send(sender, recipient, await self._smime.protect(content, recipient), mail_id=mail_id)


@dataclass(frozen=True, slots=True)
class OpeningProtection:
    """Opens what arrives, and says for which addresses its signature counts.

    It counts if the directory publishes that very certificate for the address, or if an authority that the operator
    trusts issued it for the address.
    """

    smime: Smime
    current: CurrentCertificate
    trust: Trust

    async def open(self, raw: bytes) -> OpenedMail:
        """Raises SignatureInvalid, EncryptedMailUnreadable, CmsAway."""
        opened = await self.smime.open(raw)
        signers = await self._signers(opened.signature) if opened.signature else frozenset[MailAddress]()
        return OpenedMail(opened.content, signers)

    async def _signers(self, signature: Signature) -> frozenset[MailAddress]:
        facts, now = signature.certificate, self.smime.now()
        standing = (await self.trust.judge({"signer": facts.der}, now))["signer"]
        if standing.is_refused:
            return frozenset()
        found: set[MailAddress] = set()
        for address in facts.addresses:
            published = await self.current(address, now)
            is_published = published is not None and published.facts.fingerprint == facts.fingerprint
            if standing is Standing.TRUSTED or is_published:
                try:
                    found.add(parse_address(address, "certificate"))
                except AddressMalformed:
                    continue
        return frozenset(found)
