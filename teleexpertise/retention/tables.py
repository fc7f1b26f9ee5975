"""Which requests can be read no more."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class DestructionRow(SQLModel, table=True):
    """One row for each request whose content was destroyed: that it was, and when."""

    __tablename__: ClassVar[Any] = "expertise_destruction"

    request_id: str = Field(primary_key=True, max_length=36, foreign_key="expertise_request.id")
    destroyed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
