"""The log, and what its authors took back."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel


class MessageRow(SQLModel, table=True):
    """One envelope: one row, whatever the number of devices that read it."""

    __tablename__: ClassVar[Any] = "chat_message"
    # `mid` first: it is time-ordered, so new entries go to the end of the index, and one batch looks up all its own.
    __table_args__ = (Index("chat_message_once", "mid", "did", "cid", unique=True),)

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    did: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    mid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    ts_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    """As it travels and is signed: the hot path converts no dates."""
    env_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    log: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    env: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Empty once it is gone: deleted by its author, or expired."""


class TombstoneRow(SQLModel, table=True):
    """The author's signed deletion of one envelope."""

    __tablename__: ClassVar[Any] = "chat_tombstone"
    __table_args__ = (Index("chat_tombstone_since", "cid", "stored_ms"),)

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    tombstone: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """As sent."""
    stored_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
