"""The tables of second factors."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class TotpRow(SQLModel, table=True):
    """The application of an account; its secret is sealed, the key lies in the key store."""

    __tablename__: ClassVar[Any] = "sign_in_totp"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), primary_key=True))
    sealed: bytes = Field(sa_column=Column(LargeBinary(200), nullable=False))
    last_counter: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """Half minute of the last code that was taken: none is taken twice (RFC 6238 §5.2)."""
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class RecoveryCodeRow(SQLModel, table=True):
    """One recovery code, as a salted hash."""

    __tablename__: ClassVar[Any] = "sign_in_recovery_code"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), primary_key=True))
    digest: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    salt: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
