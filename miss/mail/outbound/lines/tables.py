"""The lines in use."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class OutboundLineRow(SQLModel, table=True):
    """One connection toward a domain: there is a row while somebody has it."""

    __tablename__: ClassVar[Any] = "outbound_line"

    domain: str = Field(primary_key=True, max_length=253)
    slot: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """From 0 to the limit of the domain, that left out."""
    lease: str = Field(max_length=36)
    leased_until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
