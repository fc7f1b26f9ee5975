"""Who changed which pool, and how it was before."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PoolChangeRow(SQLModel, table=True):
    """One row per change; never changed nor removed: undoing is another change."""

    __tablename__: ClassVar[Any] = "pool_change"
    __table_args__ = (Index("pool_change_pool", "pool_id", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    pool_id: str = Field(max_length=36, foreign_key="pool.id")
    member_id: str = Field(default="", max_length=36)
    by_id: str = Field(max_length=36)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
