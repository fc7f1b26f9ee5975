"""The table of attestations."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AttestationRow(SQLModel, table=True):
    """One number; an account has one for each time it was verified."""

    __tablename__: ClassVar[Any] = "attestation"
    __table_args__ = (UniqueConstraint("uid", "since"),)

    number: str = Field(primary_key=True, max_length=19)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    issued_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
