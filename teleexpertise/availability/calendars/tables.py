"""Calendars that experts import, and the secret addresses of those that they take from here."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class ImportedCalendarRow(SQLModel, table=True):
    """One row per file that was sent, or per address that is subscribed to."""

    __tablename__: ClassVar[Any] = "imported_calendar"

    id: str = Field(primary_key=True, max_length=36)
    practitioner_id: str = Field(max_length=36, index=True)
    name: str = Field(max_length=120)
    """Of the file, or of the host."""
    zone: str = Field(max_length=64)
    """Where hours without a zone are meant."""
    address: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Sealed: whoever knows it reads the calendar; empty for a file."""
    content: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Sealed: the last copy that could be read; empty until there is one."""
    busy: list[list[int]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Pairs of seconds since 1970: made from `content` each night, for the weeks that follow."""
    events: int = Field(default=0)
    skipped: int = Field(default=0)
    """Events of the copy that could not be read."""
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    read_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When `content` arrived."""
    tried_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    failures: int = Field(default=0)
    """Tries since the last that succeeded."""
    problem: str = Field(default="", max_length=400)
    """What the last try met, as its owner reads it."""


class CalendarFeedRow(SQLModel, table=True):
    """The address at which an expert's own software finds their slots and deadlines."""

    __tablename__: ClassVar[Any] = "calendar_feed"

    practitioner_id: str = Field(primary_key=True, max_length=36)
    secret_digest: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
