"""Subscriptions.  One row a device: it is the outbox too, as a device has at most one wake-up to come."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PushRow(SQLModel, table=True):
    """Where a device is woken, whether it is connected, and when it is to be woken next."""

    __tablename__: ClassVar[Any] = "chat_push"
    __table_args__ = (
        Index(
            "chat_push_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    did: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False, index=True))
    endpoint: str = Field(max_length=2000)
    p256dh: bytes = Field(sa_column=Column(LargeBinary(65), nullable=False))
    auth: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    key: bytes = Field(sa_column=Column(LargeBinary(65), nullable=False))
    muted: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Conversations, 32 bytes each."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    confirmed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    here_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    here_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    due_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    is_repeat: bool = Field(default=False)
    tries: int = Field(default=0)
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """A process that dies while it sends leaves its lease behind; past this instant another one may take it."""
