"""Answers that were annulled, and corrections under way.  The answer that counts is the request's own row."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AnswerVersionRow(SQLModel, table=True):
    """One version of an answer beside the one that counts: the earlier ones, and at most one being prepared."""

    __tablename__: ClassVar[Any] = "expertise_answer_version"

    request_id: str = Field(primary_key=True, max_length=36, foreign_key="expertise_request.id")
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    annulled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """None: it is being prepared, and has never left."""
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Sealed `AnswerContent`."""
