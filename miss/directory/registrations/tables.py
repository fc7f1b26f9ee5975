"""The tables of sign-ups."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class RegistrationRow(SQLModel, table=True):
    """One sign-up: what was said, where it stands, and the keys under which it is found again."""

    __tablename__: ClassVar[Any] = "registration"

    id: str = Field(primary_key=True, max_length=36)
    application: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    rpps: str = Field(default="", max_length=11, index=True)
    adeli: str = Field(default="", max_length=9, index=True)
    name_key: str = Field(default="", max_length=200, index=True)
    place_key: str = Field(default="", max_length=120)
    email: str = Field(default="", max_length=254, index=True)
    status: str = Field(max_length=16, index=True)
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    taken_by: str = Field(default="", max_length=100)
    first_by: str = Field(default="", max_length=100)
    decided_by: str = Field(default="", max_length=100)
    reasons: str = Field(default="", max_length=200)
    words: str = Field(default="")
    uid: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=True, index=True)
    )
    merged_into: str = Field(default="", max_length=36)
    invitation_id: str = Field(default="", max_length=36, index=True, sa_column_kwargs={"server_default": ""})


class RegistrationLinkRow(SQLModel, table=True):
    """One follow link; a new one leaves with each mail, the earlier ones stay good."""

    __tablename__: ClassVar[Any] = "registration_link"

    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    registration_id: str = Field(foreign_key="registration.id", max_length=36, index=True)
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class RegistrationEvidenceRow(SQLModel, table=True):
    """One file, sealed; in a table of its own so that lists never read it."""

    __tablename__: ClassVar[Any] = "registration_evidence"

    id: str = Field(primary_key=True, max_length=36)
    registration_id: str = Field(foreign_key="registration.id", max_length=36, index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    name: str = Field(max_length=120)
    mime: str = Field(max_length=40)
    size_bytes: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RegistrationEventRow(SQLModel, table=True):
    """One act; written once, never changed."""

    __tablename__: ClassVar[Any] = "registration_event"

    id: str = Field(primary_key=True, max_length=36)
    registration_id: str = Field(foreign_key="registration.id", max_length=36, index=True)
    number: int
    """Place in the sign-up's story, from 1."""
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    act: str = Field(max_length=32)
    actor: str = Field(default="", max_length=100)
    detail: str = Field(default="")
