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
    """`kept`, then `processed`; or `set_aside` after too many tries, then perhaps `discarded`."""
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    client: str = Field(default="", max_length=45, sa_column_kwargs={"server_default": ""})
    """IP address of the server that brought it, as far as it is known."""
    proof: str = Field(default="", max_length=10, sa_column_kwargs={"server_default": ""})
    """What says that the sender wrote it: `smime`, `operator`, `dmarc`, `dkim`."""
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often its intake was given it."""
    reason: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})
    """Why the last try failed: an error's code or type, nothing that the mail says."""
    set_aside_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))
