"""Questions that followed an answer: identifiers and instants, nothing of what was asked."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AfterQuestionRow(SQLModel, table=True):
    """The latest one of a request."""

    __tablename__: ClassVar[Any] = "expertise_after_question"

    request_id: str = Field(primary_key=True, max_length=36)
    holder_id: str = Field(max_length=36, index=True)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
