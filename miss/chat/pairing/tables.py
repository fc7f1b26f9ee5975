"""Pairing slots: ten minutes each."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PairingSlotRow(SQLModel, table=True):
    """One slot, derived from a code that only the two devices know."""

    __tablename__: ClassVar[Any] = "chat_pairing_slot"

    slot: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    did: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False, index=True))
    """The device that opened it."""
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    offer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
