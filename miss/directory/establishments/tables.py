"""The tables of establishments, their contacts, their sites and departments, and their staff."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


def _filled(column: str) -> dict[str, Any]:
    """For an index on those rows only where the column says something."""
    return {f"{dialect}_where": text(f"{column} <> ''") for dialect in ("sqlite", "postgresql")}


def _of_establishment(*, primary_key: bool = False) -> Any:
    return Column(String(64), ForeignKey("establishment.id"), primary_key=primary_key, nullable=False)


class EstablishmentRow(SQLModel, table=True):
    """One establishment's record; held by whoever changes its list of staff."""

    __tablename__: ClassVar[Any] = "establishment"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=200)
    name_words: str = Field(max_length=200, index=True)
    """Folded, for search and order."""
    kind: str = Field(max_length=20)
    finess: str = Field(default="", max_length=9, index=True)
    town: str = Field(default="", max_length=100)
    staff_revision: int = Field(default=0)
    opened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    nagged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    requests_per_min: int | None = Field(default=None)
    """Of its programs together; None: as many as the settings say.  So the next one."""
    entries_per_day: int | None = Field(default=None)
    stored_mb: int | None = Field(default=None)
    """Of attachments that its people keep; None: no limit.  So the next one."""
    advice_per_day: int | None = Field(default=None)
    advice_day: date | None = Field(default=None)
    """The day that `advice_asked` is about."""
    advice_asked: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    lock_after_min_max: int | None = Field(default=None)
    """Minutes after which its people's devices lock at the latest; None: as each of them likes."""


class EstablishmentContactRow(SQLModel, table=True):
    """Whom to call for one function."""

    __tablename__: ClassVar[Any] = "establishment_contact"

    establishment_id: str = Field(sa_column=_of_establishment(primary_key=True))
    function: str = Field(primary_key=True, max_length=32)
    name: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=30)


class EstablishmentUnitRow(SQLModel, table=True):
    """A site or a department."""

    __tablename__: ClassVar[Any] = "establishment_unit"
    __table_args__ = (
        UniqueConstraint("establishment_id", "parent_id", "kind", "name_words", name="establishment_unit_name"),
    )

    id: str = Field(primary_key=True, max_length=36)
    establishment_id: str = Field(sa_column=_of_establishment())
    kind: str = Field(max_length=10)
    name: str = Field(max_length=120)
    name_words: str = Field(max_length=240)
    parent_id: str = Field(default="", max_length=36)
    """Empty: of the establishment itself."""
    external_id: str = Field(default="", max_length=100)


class StaffMemberRow(SQLModel, table=True):
    """Somebody who works in an establishment."""

    __tablename__: ClassVar[Any] = "establishment_staff"
    __table_args__ = (
        Index("establishment_staff_name", "establishment_id", "name_words"),
        Index("establishment_staff_rpps", "rpps", "establishment_id", unique=True, **_filled("rpps")),
        Index("establishment_staff_adeli", "adeli", "establishment_id", unique=True, **_filled("adeli")),
        Index("establishment_staff_external", "establishment_id", "external_id", unique=True, **_filled("external_id")),
        Index("establishment_staff_login", "establishment_id", "login", unique=True),
        Index("establishment_staff_unit", "unit_id"),
    )

    id: str = Field(primary_key=True, max_length=36)
    establishment_id: str = Field(sa_column=_of_establishment())
    unit_id: str = Field(default="", max_length=36)
    """Empty: in no named department."""
    family: str = Field(max_length=100)
    given: str = Field(max_length=100)
    name_words: str = Field(max_length=500)
    """Folded names, for search and order."""
    function: str = Field(default="", max_length=120)
    profession_code: str = Field(default="", max_length=10)
    rpps: str = Field(default="", max_length=11)
    adeli: str = Field(default="", max_length=9)
    mailbox: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=30)
    is_published: bool = Field(default=True)
    external_id: str = Field(default="", max_length=100)
    user_name: str = Field(default="", max_length=256)
    login: str = Field(max_length=256)
    """The user name as it is compared; the row's own identifier while there is none."""
    starts_on: date | None = Field(default=None)
    ends_on: date | None = Field(default=None)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    version: int = Field(default=1)


class StaffEventRow(SQLModel, table=True):
    """One act on somebody's place; stays when they have left."""

    __tablename__: ClassVar[Any] = "establishment_staff_event"
    __table_args__ = (Index("establishment_staff_event_member", "establishment_id", "member_id", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    establishment_id: str = Field(sa_column=_of_establishment())
    member_id: str = Field(max_length=36)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor: str = Field(max_length=100)
    act: str = Field(max_length=16)
    detail: str = Field(default="", max_length=500)


class StaffUploadRow(SQLModel, table=True):
    """A file that was previewed and waits for its confirmation, for a day at most."""

    __tablename__: ClassVar[Any] = "establishment_upload"

    id: str = Field(primary_key=True, max_length=36)
    establishment_id: str = Field(sa_column=_of_establishment())
    file_name: str = Field(default="", max_length=120)
    is_complete: bool = Field(default=True)
    base_revision: int
    """Of the list that the preview was made on."""
    content: str = Field(sa_column=Column(Text, nullable=False))
    """The lines as they were read, as JSON."""
    uploaded_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    uploaded_by: str = Field(max_length=100)


class StaffApplicationRow(SQLModel, table=True):
    """A file that is being applied; while it is here, nobody else changes the list."""

    __tablename__: ClassVar[Any] = "establishment_application"

    establishment_id: str = Field(sa_column=_of_establishment(primary_key=True))
    id: str = Field(max_length=36)
    """Of the upload."""
    file_name: str = Field(default="", max_length=120)
    confirmed_by: str = Field(max_length=100)
    begun_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    plan: str = Field(sa_column=Column(Text, nullable=False))
    """What is to be done, as JSON (`uploads.plan`)."""
