"""Declared conflicts of interest."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class DispatchConflictRow(SQLModel, table=True):
    """One row per expert and requester; deleted when the expert takes it back."""

    __tablename__: ClassVar[Any] = "dispatch_conflict"

    expert_id: str = Field(primary_key=True, max_length=36)
    requester_id: str = Field(primary_key=True, max_length=36, index=True)
    reason: str = Field(max_length=16)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
