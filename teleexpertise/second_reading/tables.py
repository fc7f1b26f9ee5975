"""The table of second readings: who, when and where they stand in clear; what is asked and said is sealed."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

_LIVE = text("state = 'asked'")


class SecondReadingRow(SQLModel, table=True):
    """One reading; a request has one under way at most, whatever the code above does."""

    __tablename__: ClassVar[Any] = "second_reading"
    __table_args__ = (
        Index("second_reading_live", "request_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("second_reading_request", "request_id", "id"),
        Index("second_reading_reader", "reader_id", "state", "asked_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36, foreign_key="expertise_request.id")
    asked_by_id: str = Field(max_length=36)
    first_reader_id: str = Field(max_length=36)
    reader_id: str = Field(max_length=36)
    state: str = Field(max_length=16)
    passed: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    discloses_name: bool = Field(default=False)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    question: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Sealed `Note`, blinded already."""
    opinion: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Sealed `Note`; empty until it is given."""
