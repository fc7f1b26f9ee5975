"""Exceptional accesses."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class BreakGlassRow(SQLModel, table=True):
    """One row for each time; nobody takes one back."""

    __tablename__: ClassVar[Any] = "expertise_break_glass"
    __table_args__ = (Index("expertise_break_glass_reader", "request_id", "practitioner_id", "opened_at"),)

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36, foreign_key="expertise_request.id")
    practitioner_id: str = Field(max_length=36)
    reason: str = Field(max_length=16)
    words: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Why, in their own words: a sealed `Note`."""
    opened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
