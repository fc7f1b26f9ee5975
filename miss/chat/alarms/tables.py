"""Alarms and their escalations: who was asked when.  They die with their envelope."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel


class AlarmRow(SQLModel, table=True):
    """One alarm."""

    __tablename__: ClassVar[Any] = "chat_alarm"

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    author: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    env_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    state: int
    next_uids: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Those still to be asked, 16 bytes each."""
    delay_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    due_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    uid: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16)))
    ack: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """Signed by the acknowledging device, as sent."""
    steps: int = Field(default=0)


class AlarmStepRow(SQLModel, table=True):
    """One escalation."""

    __tablename__: ClassVar[Any] = "chat_alarm_step"

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    number: int = Field(primary_key=True)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    at_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    mailed: bool
