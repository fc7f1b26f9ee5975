"""The table of reports."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class MistakeRow(SQLModel, table=True):
    """One report of a mistake."""

    __tablename__: ClassVar[Any] = "directory_mistake"

    id: str = Field(primary_key=True, max_length=36)
    practitioner_id: str = Field(max_length=36, index=True)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    kind: str = Field(max_length=16)
    words: str = Field(max_length=1_000)
    reported_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))
    closed_by: str = Field(default="", max_length=100)
    outcome: str = Field(default="", max_length=16)
