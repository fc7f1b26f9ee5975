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
    id: str = Field(max_length=36, index=True, unique=True)
    """Names the session on its owner's page."""
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False, index=True))
    method: str = Field(default="password", max_length=20)
    signed_in_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    confirmed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_used_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    locked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    is_shared: bool = Field(default=False)
    address: str = Field(default="", max_length=45)
    user_agent: str = Field(default="", max_length=200)
    acting_for: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})
    """The practitioner whom its person chose to act for; empty: none was chosen."""


class StepRow(SQLModel, table=True):
    """What a browser has begun and not ended: a second factor, a passkey, a way through another site, a reset."""

    __tablename__: ClassVar[Any] = "sign_in_step"

    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    kind: str = Field(max_length=20)
    uid: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=True, index=True)
    )
    """NULL: who it is will be known at the end."""
    data: str = Field(default="{}")
    """JSON of its kind: a challenge, a nonce; no secret that outlives the step."""
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class FailuresRow(SQLModel, table=True):
    """Wrong tries in a row: by practitioner, by the hash of a name in no directory, or by that of a network."""

    __tablename__: ClassVar[Any] = "sign_in_failures"

    subject: str = Field(primary_key=True, max_length=64)
    count: int = Field(default=0)
    last_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
