"""The tables of accounts."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AccountRow(SQLModel, table=True):
    """One account; a practitioner has at most one."""

    __tablename__: ClassVar[Any] = "account"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    practitioner_id: str = Field(max_length=36, unique=True)
    verification: str = Field(max_length=16)
    verification_since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    language: str = Field(default="fr", max_length=8)


class AccountActivationRow(SQLModel, table=True):
    """The last code issued to an account for a purpose: issuing another replaces it."""

    __tablename__: ClassVar[Any] = "account_activation"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), primary_key=True))
    purpose: str = Field(primary_key=True, max_length=16)
    salt: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class ActivationTryRow(SQLModel, table=True):
    """Wrong codes since the last one was issued; kept by the number typed, whether or not it has an account."""

    __tablename__: ClassVar[Any] = "activation_try"

    rpps: str = Field(primary_key=True, max_length=36)
    """The RPPS number; of a staff person the identifier that takes its place."""
    purpose: str = Field(primary_key=True, max_length=16)
    wrong: int = Field(default=0)
    last_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class AccountEventRow(SQLModel, table=True):
    """One act; written once, never changed."""

    __tablename__: ClassVar[Any] = "account_event"

    id: str = Field(primary_key=True, max_length=36)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    act: str = Field(max_length=32)
    uid: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=True, index=True)
    )
    """NULL: a stranger tried a number or a name that has no account."""
    actor: str = Field(default="", max_length=100)
    detail: str = Field(default="")
