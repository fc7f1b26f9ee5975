"""What the pages of certificates share: one's own and the console's, which differ in whom they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from miss.directory.certificates import MAX_BYTES, Certificate, choose_current
from miss.server.web.uploads import read_form

CURRENT, TO_COME, FORMER, EXPIRED, WITHDRAWN = "current", "to_come", "former", "expired", "withdrawn"


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """One line of the table."""

    certificate: Certificate
    state: str
    """`current`: mail to one of its addresses is encrypted with it; `former`: a newer one is used instead."""
    expires_soon: bool


async def read_certificate(request: Request) -> bytes:
    """The file of the form; without one nothing, which is no certificate.  Raises UploadTooLarge, UploadUnreadable."""
    _, upload = await read_form(request, max_file_bytes=MAX_BYTES)
    return upload.content if upload else b""


def show(certificates: Sequence[Certificate], now: datetime) -> list[ShownCertificate]:
    """The lines of the table, in the order given."""
    addresses = {address for one in certificates for address in one.facts.addresses}
    chosen = [choose_current(certificates, address, now) for address in addresses]
    current = {one.id for one in chosen if one is not None}
    return [ShownCertificate(one, _state(one, current, now), one.expires_soon(now)) for one in certificates]


def _state(one: Certificate, current: set[str], now: datetime) -> str:
    if one.withdrawn_at is not None:
        return WITHDRAWN
    if one.facts.not_after < now:
        return EXPIRED
    if one.facts.not_before > now:
        return TO_COME
    return CURRENT if one.id in current else FORMER
