"""The calendar of an expert, as declared."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class ExpertCalendarRow(SQLModel, table=True):
    """One row per expert who declared something: a calendar is read and replaced whole, for many experts at once."""

    __tablename__: ClassVar[Any] = "expert_calendar"

    practitioner_id: str = Field(primary_key=True, max_length=36)
    calendar: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """`availability_to_json`: local times and zone names, never instants."""
    previous: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """What it said before the last change, to be undone."""
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
