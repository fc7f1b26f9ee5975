"""Which establishments have asked to leave with their data."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class LeavingRow(SQLModel, table=True):
    """One demand, and what was made of it; an establishment's latest counts."""

    __tablename__: ClassVar[Any] = "establishment_leaving"

    id: str = Field(primary_key=True, max_length=36)
    establishment_id: str = Field(max_length=64, foreign_key="establishment.id", index=True)
    recipient: str = Field(max_length=80)
    """The public key that the archive is to be sealed to."""
    asked_by: str = Field(max_length=100)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    made_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    made_by: str = Field(default="", max_length=100)
    sha256: str = Field(default="", max_length=64)
    """Of the sealed archive, so that who receives it knows that it is the one."""
    size_bytes: int = Field(default=0)
