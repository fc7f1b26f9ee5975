"""Notices that wait to be sent, and in which conversation the platform writes to whom."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PlatformNoticeRow(SQLModel, table=True):
    """One row per notice, gone once it is sent: a number and a kind, nothing else."""

    __tablename__: ClassVar[Any] = "platform_notice"

    id: str = Field(primary_key=True, max_length=36)
    practitioner_id: str = Field(max_length=36)
    kind: str = Field(max_length=40)
    number: str = Field(max_length=36)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PlatformCorrespondentRow(SQLModel, table=True):
    """One row per person whom the platform has written to."""

    __tablename__: ClassVar[Any] = "platform_correspondent"

    practitioner_id: str = Field(primary_key=True, max_length=36)
    cid: str = Field(max_length=64)
    """Of the two-party conversation, in hex."""
