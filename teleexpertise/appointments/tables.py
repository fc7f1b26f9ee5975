"""The table of appointments proposed: times in clear, whom to call and why sealed."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

_LIVE = text("state = 'proposed'")


class AppointmentRow(SQLModel, table=True):
    """One proposal; a request has one that waits at most."""

    __tablename__: ClassVar[Any] = "expertise_appointment"
    __table_args__ = (
        Index("expertise_appointment_live", "request_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("expertise_appointment_request", "request_id", "id"),
    )

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36, foreign_key="expertise_request.id")
    proposed_by_id: str = Field(max_length=36)
    state: str = Field(max_length=16)
    slots: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """ISO 8601 instants, UTC."""
    proposed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    chosen: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    contact: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Sealed `Note` of the expert's: whom to call."""
    word: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Sealed `Note` of the requester's: why it does not suit; empty until there is one."""
