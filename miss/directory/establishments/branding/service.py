"""What an establishment shows itself with: read for pages, letters and mails; changed by its administrator."""

from collections.abc import Sequence
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import OrganizationId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.branding import store
from miss.directory.establishments.branding.errors import LogoRefused, SenderRefused
from miss.directory.establishments.branding.model import MAX_SENDER, Branding, parse_colour
from miss.directory.establishments.service import get_held
from miss.documents.pdf import PLAIN, Look
from miss.photos import PhotoRefused, PhotoSandbox
from miss.storage import Database, Transaction

MAX_LOGO_BYTES: Final = 5 << 20


class Brandings:
    """Every establishment's."""

    def __init__(self, db: Database, clock: Clock, sandbox: PhotoSandbox | None = None) -> None:
        """`sandbox`: where a logo is decoded; None: one of its own."""
        self._db = db
        self._clock = clock
        self._audit = AuditLog(db, clock)
        self._sandbox = sandbox or PhotoSandbox()

    async def get(self, establishment_id: OrganizationId) -> Branding:
        """The house's own look where nothing was chosen."""
        async with self._db.snapshot() as tx:
            return await store.find(tx, establishment_id) or Branding(establishment_id=establishment_id)

    async def find(self, establishment_id: OrganizationId) -> Branding | None:
        """None: it chose nothing."""
        async with self._db.snapshot() as tx:
            return await store.find(tx, establishment_id)

    async def look(self, known_as: Sequence[OrganizationId], tx: Transaction | None = None) -> Look:
        """On paper and in mails, of the first of these establishments that chose one; a plain one: none did.

        `tx`: the transaction that the caller holds, if it holds one.
        """
        async with self._db.reading(tx) as reading:
            for establishment_id in known_as:
                if found := await store.find_look(reading, establishment_id):
                    return found
        return PLAIN

    async def logo(self, establishment_id: OrganizationId) -> bytes:
        """JPEG; empty: none."""
        async with self._db.snapshot() as tx:
            return await store.find_logo(tx, establishment_id)

    async def put(
        self, establishment_id: OrganizationId, colour: str, sender: str, logo: bytes | None, by: str
    ) -> None:
        """`logo`: None leaves the one there is, empty takes it away.

        Raises ColourRefused, SenderRefused, LogoRefused, EstablishmentNotFound.
        """
        branding = Branding(establishment_id=establishment_id, colour=parse_colour(colour), sender=tidy_sender(sender))
        if logo:
            logo = await self._written_anew(logo)
        async with self._db.transaction() as tx:
            await get_held(tx, establishment_id)
            await store.put(tx, branding, logo, self._clock.now())
            subject = Subject("organization", establishment_id)
            self._audit.append(tx, actor=by, act="establishment.branding_changed", subject=subject)

    async def _written_anew(self, logo: bytes) -> bytes:
        if len(logo) > MAX_LOGO_BYTES:
            raise LogoRefused
        try:
            return await self._sandbox.sanitise(logo)
        except PhotoRefused:
            raise LogoRefused from None


def tidy_sender(text: str) -> str:
    """With single spaces.  Raises SenderRefused: an at sign would pass for an address (RFC 5322 display names)."""
    tidy = " ".join(text.split())
    if len(tidy) > MAX_SENDER or not tidy.isprintable() or set(tidy) & set('@<>"'):
        raise SenderRefused
    return tidy
