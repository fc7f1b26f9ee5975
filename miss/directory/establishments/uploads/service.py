"""A file of staff: read, previewed, confirmed against the very list it was previewed on, applied whole.

A file with a line in error is never kept: what is wrong is shown, and nothing waits.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.directory.establishments import store as unit_store
from miss.directory.establishments.errors import (
    EstablishmentNotFound,
    RemovalUnconfirmed,
    StaffListChanged,
    UploadHasErrors,
    UploadNotFound,
)
from miss.directory.establishments.files import StaffSheet, read_sheet
from miss.directory.establishments.preview import Preview, numbers_in, preview
from miss.directory.establishments.roster import store as roster_store
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.staff import StaffMember, Units
from miss.directory.establishments.uploads import store
from miss.directory.establishments.uploads.application import Applications
from miss.directory.establishments.uploads.plan import plan_of, require_possible
from miss.directory.establishments.uploads.store import Upload
from miss.directory.practitioners import Practitioner, Practitioners
from miss.storage import Database, Transaction

VALIDITY = HOUSE.period("directory.uploads")
LOOKED_UP_AT_ONCE = 400
"""People of the register asked for in one query."""


@dataclass(frozen=True, slots=True)
class ShownUpload:
    """A file and what it would do to the list."""

    id: str
    """Empty: it has errors and cannot be confirmed."""
    file_name: str
    is_complete: bool
    ignored: Sequence[str]
    preview: Preview


class Uploads:
    """From a file to a list."""

    def __init__(
        self, db: Database, clock: Clock, random_bytes: RandomBytes, practitioners: Practitioners, roster: Roster
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self.applications = Applications(db, clock, random_bytes, roster)

    async def read(
        self, establishment_id: OrganizationId, content: bytes, file_name: str, by: str, *, is_complete: bool
    ) -> ShownUpload:
        """What a file would do; nothing is done.

        Raises StaffFileRefused, StaffColumnsMissing, EstablishmentNotFound.
        """
        sheet = await asyncio.to_thread(read_sheet, content)
        now = self._clock.now()
        upload = Upload(
            id=new_row_id(now, self._random_bytes),
            establishment_id=establishment_id,
            file_name=_shown_name(file_name),
            is_complete=is_complete,
            base_revision=0,
            sheet=sheet,
            uploaded_at=now,
            uploaded_by=by,
        )
        revision, _, found = await self._preview(upload)
        if found.errors:
            return ShownUpload("", upload.file_name, is_complete, sheet.ignored, found)
        async with self._db.transaction() as tx:
            await store.delete_before(tx, now - VALIDITY)
            await store.insert_upload(tx, replace(upload, base_revision=revision))
        return ShownUpload(upload.id, upload.file_name, is_complete, sheet.ignored, found)

    async def show(self, establishment_id: OrganizationId, upload_id: str) -> ShownUpload:
        """What a file that waits does to the list as it is now, which is what a confirmation applies from here on.

        Raises UploadNotFound.
        """
        upload = await self._get(establishment_id, upload_id)
        revision, _, found = await self._preview(upload)
        async with self._db.transaction() as tx:
            await store.set_base(tx, upload_id, revision)
        return ShownUpload(upload.id, upload.file_name, upload.is_complete, upload.sheet.ignored, found)

    async def confirm(
        self, establishment_id: OrganizationId, upload_id: str, by: str, *, accept_removal: bool = False
    ) -> Preview:
        """Apply a file as it was previewed.  `accept_removal`: also if it takes away much of the list.

        Raises UploadNotFound, StaffListChanged, StaffListBusy, RemovalUnconfirmed, UploadHasErrors, StaffExists,
        TooManyStaff, TooManyUnits; nothing was applied then.  What interrupts it later delays it only: a job ends it.
        """
        upload = await self._get(establishment_id, upload_id)
        revision, members, found = await self._preview(upload)
        if revision != upload.base_revision:
            raise StaffListChanged
        if found.errors:
            raise UploadHasErrors(count=len(found.errors))
        if found.removes_much and not accept_removal:
            raise RemovalUnconfirmed(removed=len(found.removed), total=found.total)
        plan = plan_of(found, self._new_id)
        await asyncio.to_thread(require_possible, plan, members)
        await self.applications.begin(upload, revision, plan, by)
        await self.applications.carry_out(establishment_id)
        return found

    async def give_up(self, establishment_id: OrganizationId, upload_id: str) -> None:
        """Forget a file that waits; nothing happens if it does not."""
        async with self._db.transaction() as tx:
            await store.delete_upload(tx, establishment_id, upload_id)

    def _new_id(self) -> str:
        return new_row_id(self._clock.now(), self._random_bytes)

    async def _get(self, establishment_id: OrganizationId, upload_id: str) -> Upload:
        async with self._db.snapshot() as tx:
            upload = await store.find_upload(tx, establishment_id, upload_id)
        if upload is None or self._clock.now() - upload.uploaded_at > VALIDITY:
            raise UploadNotFound
        return upload

    async def _preview(self, upload: Upload) -> tuple[int, Sequence[StaffMember], Preview]:
        """The list's revision, who is on it, and what the file does to it."""
        async with self._db.snapshot() as tx:
            revision, units, members = await _read_list(tx, upload.establishment_id)
        register = await self._look_up(upload.sheet)
        found = await asyncio.to_thread(preview, upload.sheet, members, units, register, is_complete=upload.is_complete)
        return revision, members, found

    async def _look_up(self, sheet: StaffSheet) -> dict[PractitionerId, Practitioner]:
        numbers = sorted(await asyncio.to_thread(numbers_in, sheet))
        known: dict[PractitionerId, Practitioner] = {}
        for start in range(0, len(numbers), LOOKED_UP_AT_ONCE):
            known |= await self._practitioners.get_many(numbers[start : start + LOOKED_UP_AT_ONCE])
        return known


async def _read_list(tx: Transaction, establishment_id: OrganizationId) -> tuple[int, Units, list[StaffMember]]:
    establishment = await unit_store.find_establishment(tx, establishment_id)
    if establishment is None:
        raise EstablishmentNotFound
    units = await unit_store.list_units(tx, establishment_id)
    return establishment.staff_revision, units, await roster_store.list_all(tx, establishment_id, units)


def _shown_name(file_name: str) -> str:
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in name if character.isprintable())[:120]
