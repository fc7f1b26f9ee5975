"""The list of recent publications."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class NoticeRow(SQLModel, table=True):
    """What one commit changed; kept for an hour, so that a process that missed the courier can catch up."""

    __tablename__: ClassVar[Any] = "chat_notice"

    number: int | None = Field(
        default=None,
        # SQLite numbers rows by itself for INTEGER only.
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    origin: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    notices: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
