"""The addresses that were given: rows are never deleted, nor moved to somebody else."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AddressRow(SQLModel, table=True):
    """One address of one person."""

    __tablename__: ClassVar[Any] = "directory_address"
    __table_args__ = (
        Index("directory_address_numbered", "domain", "stem", "number", unique=True),
        Index("directory_address_practitioner", "practitioner_id"),
        Index(
            "directory_address_current",
            "practitioner_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    address: str = Field(primary_key=True, max_length=320)
    practitioner_id: str = Field(max_length=36)
    stem: str = Field(max_length=64)
    number: int
    domain: str = Field(max_length=253)
    given_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    replaced_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """NULL: the one to write to, one a person at most; the others are aliases."""
