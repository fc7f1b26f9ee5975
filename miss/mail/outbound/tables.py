"""Mails on their way out."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class OutboundMailRow(SQLModel, table=True):
    """One mail to one recipient; its content is sealed, what operators need to follow it is not."""

    __tablename__: ClassVar[Any] = "outbound_mail"
    # What came of mails, and when, without reading past their content.
    __table_args__ = (Index("outbound_mail_state", "state", "settled_at"),)

    id: str = Field(primary_key=True, max_length=36)
    message_id: str = Field(max_length=250, unique=True)
    about: str = Field(max_length=100, index=True)
    """What it belongs to: `request:<id>`."""
    sender: str = Field(max_length=320)
    recipient: str = Field(max_length=320)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The composed mail, under the data key `mail:<id>`."""
    state: str = Field(default="queued", max_length=10)
    queued_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    reply: str = Field(default="", max_length=400)
    """What the relay said last."""
