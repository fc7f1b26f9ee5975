"""The tables of the feed: what was published of each own entry, and how far the feed has come."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class PublishedEntryRow(SQLModel, table=True):
    """One entry that is, or was, in the exports; never deleted, so that those who follow hear that it is gone."""

    __tablename__: ClassVar[Any] = "directory_published"

    entry_id: str = Field(
        sa_column=Column(String(64).with_variant(String(64, collation="C"), "postgresql"), primary_key=True)
    )
    digest: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    sequence: int = Field(sa_column=Column(_NUMBER, nullable=False, unique=True))
    appeared: int = Field(sa_column=Column(_NUMBER, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_gone: bool = Field(default=False)


class FeedHeadRow(SQLModel, table=True):
    """The last place given: one row, held by who gives the next ones until they are committed."""

    __tablename__: ClassVar[Any] = "directory_feed_head"

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    sequence: int = Field(sa_column=Column(_NUMBER, nullable=False))
