"""The operator's statements, one for each restore that was declared."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class RestorationRow(SQLModel, table=True):
    """One statement, as ROOT signed it."""

    __tablename__: ClassVar[Any] = "chat_restoration"

    epoch: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    statement: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    declared_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
