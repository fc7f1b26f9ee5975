"""Queries on files that wait to be confirmed."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.files import StaffLine, StaffSheet
from miss.directory.establishments.tables import StaffUploadRow
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


async def delete_upload(tx: Transaction, upload_id: str) -> None:
    """Applied, or given up."""
    await tx.exec(delete(StaffUploadRow).where(col(StaffUploadRow.id) == upload_id))


async def delete_before(tx: Transaction, instant: datetime) -> None:
    """Forget those that nobody confirmed."""
    await tx.exec(delete(StaffUploadRow).where(col(StaffUploadRow.uploaded_at) < instant))
