"""The table of answer texts: no patient, hence not sealed; private to their owner."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AnswerTemplateRow(SQLModel, table=True):
    """One text."""

    __tablename__: ClassVar[Any] = "expertise_answer_template"
    __table_args__ = (Index("expertise_answer_template_owner", "owner_kind", "owner_id"),)

    id: str = Field(primary_key=True, max_length=36)
    owner_kind: str = Field(max_length=8)
    owner_id: str = Field(max_length=36)
    title: str = Field(max_length=80)
    text: str = Field(sa_column=Column(Text, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    deleted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
