"""Recovery keys and their wraps, which are opaque here."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class RecoveryRow(SQLModel, table=True):
    """One person's living recovery key."""

    __tablename__: ClassVar[Any] = "chat_recovery"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    did: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False, unique=True))
    """Its device, of the kind « paper »."""
    tested_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When its owner last opened it; NULL: not since the wraps changed."""


class RecoveryWrapRow(SQLModel, table=True):
    """The recovery key, closed one way: by a code, a passphrase, a passkey."""

    __tablename__: ClassVar[Any] = "chat_recovery_wrap"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("chat_recovery.uid"), primary_key=True))
    position: int = Field(primary_key=True)
    wrap: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
