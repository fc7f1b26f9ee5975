"""Who was asked for which request."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

_LIVE = text("state IN ('offered', 'accepted')")


class AttemptRow(SQLModel, table=True):
    """One row per expert asked; a request has one live row at most, whatever the code above does."""

    __tablename__: ClassVar[Any] = "attempt"
    __table_args__ = (
        Index("attempt_live", "request_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("attempt_request", "request_id"),
        Index("attempt_pool_offered", "pool_id", "offered_at"),
        Index("attempt_pool_state", "pool_id", "state"),
        Index("attempt_expert_state", "practitioner_id", "state"),
    )

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36)
    pool_id: str = Field(max_length=36, foreign_key="pool.id")
    practitioner_id: str = Field(max_length=36)
    choice: str = Field(max_length=16)
    charge: int
    """Credit the turn cost, 0 once refunded; the weight may change in between."""
    state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=16)
    offered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    accepted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
