"""The tables of sign-in."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PasswordRow(SQLModel, table=True):
    """The hash of an account's password."""

    __tablename__: ClassVar[Any] = "sign_in_password"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), primary_key=True))
    hash: str = Field(max_length=255)
    chosen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class SessionRow(SQLModel, table=True):
    """One browser signed in; the token itself is only in its cookie."""

    __tablename__: ClassVar[Any] = "sign_in_session"

    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False, index=True))
    signed_in_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_used_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    user_agent: str = Field(default="", max_length=200)


class FailuresRow(SQLModel, table=True):
    """Wrong tries in a row: by practitioner, or by the hash of a name that is in no directory."""

    __tablename__: ClassVar[Any] = "sign_in_failures"

    subject: str = Field(primary_key=True, max_length=64)
    count: int = Field(default=0)
    last_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
