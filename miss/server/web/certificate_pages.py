"""What the pages of certificates share: one's own and the console's, which differ in whom they are about."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from miss.base.ids import PractitionerId
from miss.directory.certificates import MAX_BYTES, Certificate, Certificates, Standing, choose_current
from miss.server.web.uploads import read_form

CURRENT, TO_COME, FORMER, EXPIRED, WITHDRAWN = "current", "to_come", "former", "expired", "withdrawn"
"""Beside these, a certificate is in the state of being refused: `untrusted` or `revoked`."""


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """One line of the table."""

    certificate: Certificate
    state: str
    """`current`: mail to one of its addresses is encrypted with it; `former`: a newer one is used instead."""
    expires_soon: bool
    standing: Standing
    """Of who issued it."""


async def read_certificate(request: Request) -> bytes:
    """The file of the form; without one nothing, which is no certificate.  Raises UploadTooLarge, UploadUnreadable."""
    _, upload = await read_form(request, max_file_bytes=MAX_BYTES)
    return upload.content if upload else b""


async def show(certificates: Certificates, of: PractitionerId, now: datetime) -> list[ShownCertificate]:
    """The lines of the table: somebody's certificates, the one added last first."""
    listed = await certificates.list_of(of)
    standings = await certificates.judge(listed)
    fit = [one for one in listed if not standings[one.id].is_refused]
    addresses = {address for one in fit for address in one.facts.addresses}
    chosen = [choose_current(fit, address, now) for address in addresses]
    current = {one.id for one in chosen if one is not None}
    return [
        ShownCertificate(one, _state(one, current, standings[one.id], now), one.expires_soon(now), standings[one.id])
        for one in listed
    ]


def _state(one: Certificate, current: set[str], standing: Standing, now: datetime) -> str:
    if one.withdrawn_at is not None:
        return WITHDRAWN
    if one.facts.not_after < now:
        return EXPIRED
    if standing.is_refused:
        return standing.value
    if one.facts.not_before > now:
        return TO_COME
    return CURRENT if one.id in current else FORMER
