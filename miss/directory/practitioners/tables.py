"""What the platform itself knows of the directory's entries: in the application's database, whatever the register."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class DirectoryEntryRow(SQLModel, table=True):
    """One entry about which something was said; no row: nothing was, and the defaults hold."""

    __tablename__: ClassVar[Any] = "directory_entry"

    practitioner_id: str = Field(primary_key=True, max_length=36)
    is_red_listed: bool = Field(default=False, index=True)
    is_proxy: bool = Field(default=False)
    formats: str = Field(default="", max_length=100)
    """Codes of the accepted formats, in alphabetical order, a comma between them."""
    phone: str = Field(default="", max_length=20)
    mailbox: str = Field(default="", max_length=320)
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_by: str = Field(default="", max_length=100)
