"""The tables of incidents and of those who are told of them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class IncidentRow(SQLModel, table=True):
    """One announcement."""

    __tablename__: ClassVar[Any] = "incident"

    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=16)
    title_fr: str = Field(max_length=150)
    title_en: str = Field(default="", max_length=150)
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    closed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    over_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))
    """The earlier of the two, to look for: NULL sorts with what is open."""


class IncidentUpdateRow(SQLModel, table=True):
    """One word on an incident; written once."""

    __tablename__: ClassVar[Any] = "incident_update"

    id: str = Field(primary_key=True, max_length=36)
    incident_id: str = Field(foreign_key="incident.id", index=True, max_length=36)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    by: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    fr: str = Field(sa_column=Column(Text, nullable=False))
    en: str = Field(default="", sa_column=Column(Text, nullable=False))


class IncidentSubscriberRow(SQLModel, table=True):
    """One address that asked to be told; nothing is sent there before it was confirmed."""

    __tablename__: ClassVar[Any] = "incident_subscriber"

    id: str = Field(primary_key=True, max_length=36)
    address: str = Field(max_length=320, unique=True)
    establishment: str = Field(default="", max_length=200)
    language: str = Field(default="fr", max_length=8)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    confirm_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, index=True))
    """Of the token of the link that confirms."""
    leave_token: str = Field(max_length=64, unique=True)
    """Of the link that ends it, which stands in every mail; it opens nothing else, so it is kept as it is."""
