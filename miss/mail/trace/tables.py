"""What reports said of the mails that left."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class MailStepRow(SQLModel, table=True):
    """One believed report.  The same report brought twice is one row."""

    __tablename__: ClassVar[Any] = "mail_step"
    __table_args__ = (UniqueConstraint("mail_id", "digest", name="mail_step_once"),)

    id: str = Field(primary_key=True, max_length=36)
    mail_id: str = Field(max_length=36, index=True)
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    """SHA-256 of the report as it came."""
    stage: str = Field(max_length=10)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    source: str = Field(max_length=3)
    """`dsn` or `mdn`."""
    by: str = Field(default="", max_length=100)
    code: str = Field(default="", max_length=12)
