"""Chains and devices.  Links are kept as sent: signatures cover those bytes."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class ChainRow(SQLModel, table=True):
    """The head of one person's chain: what the next link and every commit are compared with."""

    __tablename__: ClassVar[Any] = "chat_chain"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    seq: int
    head: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class LinkRow(SQLModel, table=True):
    """One link."""

    __tablename__: ClassVar[Any] = "chat_link"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    seq: int = Field(primary_key=True)
    link: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class DeviceRow(SQLModel, table=True):
    """One device that was linked; the row stays when it is revoked, its identifier is never used again."""

    __tablename__: ClassVar[Any] = "chat_device"

    did: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False, index=True))
    ik: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    name: str = Field(max_length=80)
    linked_seq: int
    """The link that let it in."""
    linked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))
    paper: bool = Field(default=False)
    """The recovery key: a device that exists on paper."""
    last_seen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
