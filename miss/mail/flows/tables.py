"""The flows that fail, and those that did until lately."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class FailingFlowRow(SQLModel, table=True):
    """One flow.  One that works again stays for a day, so that its contact is not told twice within it."""

    __tablename__: ClassVar[Any] = "mail_failing_flow"

    kind: str = Field(primary_key=True, max_length=16)
    id: str = Field(primary_key=True, max_length=253)
    undelivered: int
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    reply: str = Field(default="", max_length=400)
    told_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    over_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """NULL: it fails."""
