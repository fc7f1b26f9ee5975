"""What pools say of the requests they take."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PoolPolicyRow(SQLModel, table=True):
    """One row per pool that says something: read and replaced whole."""

    __tablename__: ClassVar[Any] = "pool_policy"

    pool_id: str = Field(primary_key=True, max_length=36, foreign_key="pool.id")
    policy: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
