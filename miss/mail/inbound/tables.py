"""Mails that arrived, kept as they came."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class InboundMailRow(SQLModel, table=True):
    """One mail for one intake.  The same mail handed over twice is one row; another body is another row."""

    __tablename__: ClassVar[Any] = "inbound_mail"
    __table_args__ = (UniqueConstraint("recipient", "digest", name="inbound_mail_once"),)

    id: str = Field(primary_key=True, max_length=36)
    recipient: str = Field(max_length=320)
    sender: str = Field(max_length=320)
    practitioner_id: str = Field(default="", max_length=36)
    """Who the directory says the sender is; empty for what is kept without being answered."""
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    """BLAKE2b-256 of the sealed content's plaintext."""
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The mail as it came, under the data key `mail:<id>`."""
    size_bytes: int
    state: str = Field(default="kept", max_length=10)
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
