"""The table of staff people."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class StaffPersonRow(SQLModel, table=True):
    """One person without an RPPS number."""

    __tablename__: ClassVar[Any] = "staff_person"
    __table_args__ = (UniqueConstraint("issuer", "rank", name="staff_person_number"),)

    id: str = Field(primary_key=True, max_length=36)
    issuer: str = Field(max_length=16)
    """Type and number of who employs them: the first part of `id`."""
    rank: int
    """The internal number: the second part of `id`."""
    family: str = Field(max_length=100)
    given: str = Field(max_length=100)
    function: str = Field(default="", max_length=120)
    employer: str = Field(default="", max_length=200)
    email: str = Field(max_length=254, unique=True)
    invited_by: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
