"""The directory's tables."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PractitionerRow(SQLModel, table=True):
    """One person of the register."""

    __tablename__: ClassVar[Any] = "practitioner"

    id: str = Field(primary_key=True, max_length=36)
    national_id: str = Field(max_length=20, unique=True)
    rpps: str | None = Field(default=None, max_length=11, unique=True)
    family: str
    given: str = Field(default="")
    civility: str = Field(default="")
    profession_code: str
    profession: str = Field(default="")
    family_key: str = Field(default="", index=True)
    """The family name as it is compared and sorted."""
    search_key: str = Field(default="")
    digest: str = Field(default="", max_length=32)
    """Of the register's entry: an import writes only what differs."""
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class OrganizationRow(SQLModel, table=True):
    """One structure of the register."""

    __tablename__: ClassVar[Any] = "organization"

    id: str = Field(primary_key=True, max_length=36)
    identifier: str = Field(unique=True)
    finess: str | None = Field(default=None, max_length=9, index=True)
    name: str


class PractitionerRoleRow(SQLModel, table=True):
    """One activity of a practitioner."""

    __tablename__: ClassVar[Any] = "practitioner_role"

    practitioner_id: str = Field(primary_key=True, max_length=36, foreign_key="practitioner.id")
    rank: int = Field(primary_key=True)
    """Order among the roles of one practitioner, from 0."""
    specialty_code: str = Field(default="", max_length=20, index=True)
    """Empty: the register names no specialty for this activity."""
    specialty: str = Field(default="")
    organization_id: str | None = Field(default=None, max_length=36, foreign_key="organization.id", index=True)
    town: str = Field(default="")
    postcode: str = Field(default="")
    phone: str = Field(default="")


class MailboxRow(SQLModel, table=True):
    """One personal secure-mail address; it belongs to one person only."""

    __tablename__: ClassVar[Any] = "mailbox"

    address: str = Field(primary_key=True, max_length=254)
    practitioner_id: str = Field(max_length=36, foreign_key="practitioner.id", index=True)
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
