"""The tables of the access log.  Entries are written once; only what is past its time is deleted, from the front."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class AuditEntryRow(SQLModel, table=True):
    """One entry of the chain."""

    __tablename__: ClassVar[Any] = "audit_entry"
    __table_args__ = (
        Index("audit_entry_subject", "subject_kind", "subject_id", "number"),
        Index("audit_entry_actor", "actor", "number"),
    )

    number: int = Field(sa_column=Column(_NUMBER, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    actor: str = Field(max_length=100)
    act: str = Field(max_length=64)
    subject_kind: str = Field(max_length=32)
    subject_id: str = Field(max_length=100)
    detail: str = Field(max_length=500)
    previous: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class AuditHeadRow(SQLModel, table=True):
    """The last entry: one row, held by who writes the next."""

    __tablename__: ClassVar[Any] = "audit_head"

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(_NUMBER, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class AuditAnchorRow(SQLModel, table=True):
    """One signed mark of an entry."""

    __tablename__: ClassVar[Any] = "audit_anchor"

    number: int = Field(sa_column=Column(_NUMBER, primary_key=True, autoincrement=False))
    mark: str = Field(primary_key=True, max_length=16)
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    entry_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    signed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    key: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    signature: bytes = Field(sa_column=Column(LargeBinary(64), nullable=False))
