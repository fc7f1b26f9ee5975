"""Queries on files that wait to be confirmed, and on those that are being applied: what is written down of them."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.files import StaffLine, StaffSheet
from miss.directory.establishments.tables import StaffApplicationRow, StaffUploadRow
from miss.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was read, and what it was previewed on."""

    id: str
    establishment_id: OrganizationId
    file_name: str
    is_complete: bool
    base_revision: int
    sheet: StaffSheet
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, slots=True)
class Application:
    """A file that is being applied to a list."""

    id: str
    """That of the upload."""
    establishment_id: OrganizationId
    file_name: str
    by: str
    """Actor, as in the access log."""
    begun_at: datetime


async def insert_upload(tx: Transaction, upload: Upload) -> None:
    """Keep it until it is confirmed.  Its lines hold no error of reading: such a file is never confirmed."""
    lines = [[line.number, dict(line.said)] for line in upload.sheet.lines]
    content = {"fields": list(upload.sheet.fields), "ignored": list(upload.sheet.ignored), "lines": lines}
    tx.add(
        StaffUploadRow(
            id=upload.id,
            establishment_id=upload.establishment_id,
            file_name=upload.file_name,
            is_complete=upload.is_complete,
            base_revision=upload.base_revision,
            content=json.dumps(content, ensure_ascii=False),
            uploaded_at=upload.uploaded_at,
            uploaded_by=upload.uploaded_by[:100],
        )
    )
    await tx.flush()


async def find_upload(tx: Transaction, establishment_id: OrganizationId, upload_id: str) -> Upload | None:
    """That of this establishment."""
    query = select(StaffUploadRow).where(
        StaffUploadRow.id == upload_id, StaffUploadRow.establishment_id == establishment_id
    )
    row = (await tx.exec(query)).one_or_none()
    if row is None:
        return None
    content = json.loads(row.content)
    lines = (
        StaffLine(number, {StaffField(name): text for name, text in said.items()}) for number, said in content["lines"]
    )
    return Upload(
        id=row.id,
        establishment_id=OrganizationId(row.establishment_id),
        file_name=row.file_name,
        is_complete=row.is_complete,
        base_revision=row.base_revision,
        sheet=StaffSheet(tuple(lines), tuple(StaffField(one) for one in content["fields"]), tuple(content["ignored"])),
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
    )


async def set_base(tx: Transaction, upload_id: str, revision: int) -> None:
    """It was previewed again, on the list of that revision."""
    await tx.exec(update(StaffUploadRow).where(col(StaffUploadRow.id) == upload_id).values(base_revision=revision))


async def delete_upload(tx: Transaction, establishment_id: OrganizationId, upload_id: str) -> bool:
    """Confirmed, or given up; False: it does not wait, or is another establishment's."""
    found = await tx.exec(
        delete(StaffUploadRow).where(
            col(StaffUploadRow.id) == upload_id, col(StaffUploadRow.establishment_id) == establishment_id
        )
    )
    return bool(found.rowcount)


async def delete_before(tx: Transaction, instant: datetime) -> None:
    """Forget those that nobody confirmed."""
    await tx.exec(delete(StaffUploadRow).where(col(StaffUploadRow.uploaded_at) < instant))


async def insert_application(tx: Transaction, application: Application, plan: str) -> None:
    """It begins.  The establishment is held, and has no other one."""
    tx.add(
        StaffApplicationRow(
            establishment_id=application.establishment_id,
            id=application.id,
            file_name=application.file_name,
            confirmed_by=application.by[:100],
            begun_at=application.begun_at,
            plan=plan,
        )
    )
    await tx.flush()


async def find_application(tx: Transaction, establishment_id: OrganizationId) -> tuple[Application, str] | None:
    """The one under way, and its plan."""
    query = select(StaffApplicationRow).where(StaffApplicationRow.establishment_id == establishment_id)
    row = (await tx.exec(query)).one_or_none()
    if row is None:
        return None
    return Application(row.id, establishment_id, row.file_name, row.confirmed_by, row.begun_at), row.plan


async def delete_application(tx: Transaction, establishment_id: OrganizationId) -> None:
    """It is done."""
    await tx.exec(delete(StaffApplicationRow).where(col(StaffApplicationRow.establishment_id) == establishment_id))
