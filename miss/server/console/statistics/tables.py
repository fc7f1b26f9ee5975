"""The sums that are kept: about nobody, so they stay when what they were made of is deleted."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class CountRow(SQLModel, table=True):
    """One measure was counted for one month."""

    __tablename__: ClassVar[Any] = "statistics_count"

    measure: str = Field(primary_key=True, max_length=40)
    month: str = Field(primary_key=True, max_length=7)
    counted_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    """After the month's end: it is not counted again."""


class FigureRow(SQLModel, table=True):
    """One sum: of a measure, in a month, at a place; places where nothing happened have no row."""

    __tablename__: ClassVar[Any] = "statistics_figure"

    measure: str = Field(primary_key=True, max_length=40)
    month: str = Field(primary_key=True, max_length=7)
    profession: str = Field(primary_key=True)
    specialty: str = Field(primary_key=True)
    department: str = Field(primary_key=True)
    establishment: str = Field(primary_key=True)
    value: int = Field(sa_column=Column(BigInteger, nullable=False))
    people: int


class EstablishmentNameRow(SQLModel, table=True):
    """The name that an establishment had when it was counted last."""

    __tablename__: ClassVar[Any] = "statistics_establishment"

    id: str = Field(primary_key=True)
    name: str
