"""The imports that were made: in the application's database, so that one under way can be watched."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class ImportRow(SQLModel, table=True):
    """One import."""

    __tablename__: ClassVar[Any] = "directory_import"

    id: str = Field(primary_key=True, max_length=36)
    started_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    names: str = Field(default="")
    """Of the files, a comma between them."""
    lines: int = Field(default=0)
    """Read so far."""
    refusal: str = Field(default="", max_length=400)
    """Why nothing was taken, in French; empty: it was, or is being, taken."""
    reports: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """One a file, without the remarks on lines but their counts."""
