"""The job table."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class JobRow(SQLModel, table=True):
    """One row per job that is due, running or dead; a job that succeeded leaves no row."""

    __tablename__: ClassVar[Any] = "job"
    __table_args__ = (
        Index("job_kind_key", "kind", "key", unique=True),
        Index(
            "job_due",
            "due_at",
            sqlite_where=text("dead_at IS NULL"),
            postgresql_where=text("dead_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=64)
    key: str = Field(max_length=200)
    payload: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    attempts: int = Field(default=0)
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """A worker that dies leaves its lease behind; past this instant another one may take the job."""
    lease: str = Field(default="", max_length=36)
    last_error: str = Field(default="", max_length=400)
    dead_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
