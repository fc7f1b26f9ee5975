"""Mails on their way out."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class OutboundMailRow(SQLModel, table=True):
    """One mail to one recipient; its content is sealed, what operators need to follow it is not."""

    __tablename__: ClassVar[Any] = "outbound_mail"
    __table_args__ = (
        # What came of mails, and when, without reading past their content.
        Index("outbound_mail_state", "state", "settled_at"),
        Index("outbound_mail_fate", "fate", "fate_at"),
        Index("outbound_mail_author", "author", "queued_at"),
        # All that choosing the next mail takes: the row itself, with its content, is read once it is chosen.
        Index("outbound_mail_due", "state", "domain", "due_at", "id", "leased_until"),
    )

    id: str = Field(primary_key=True, max_length=36)
    message_id: str = Field(max_length=250, unique=True)
    about: str = Field(max_length=100, index=True)
    """What it belongs to: `request:<id>`."""
    sender: str = Field(max_length=320)
    recipient: str = Field(max_length=320)
    domain: str = Field(default="", max_length=253, sa_column_kwargs={"server_default": ""})
    """Of the recipient: what lines are counted by."""
    author: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})
    """Whose words it brings (PS_IdNat), who may have its proof; empty: the platform's own."""
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The composed mail, under the data key `mail:<id>`."""
    digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
    """SHA-256 of the mail as it leaves; NULL: destroyed with its proof, or older than proofs are."""
    size_bytes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    state: str = Field(default="queued", max_length=10)
    """What came of it on our side: `queued`, `accepted` by the relay, `refused`, `expired`, `withdrawn`."""
    queued_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    reply: str = Field(default="", max_length=400)
    """What the relay said last."""
    due_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """Of a queued mail: when it is to be tried; NULL: at once."""
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    lease: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})
    """The line that sends it now."""
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """Past this instant another line may take it."""
    fate: str = Field(default="", max_length=10, sa_column_kwargs={"server_default": ""})
    """What reports said of it since (`miss.mail.trace`); empty: none came."""
    fate_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    fate_reply: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})
    """The code of a report of failure."""
