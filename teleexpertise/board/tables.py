"""What is kept of an answer for the figures: identifiers, instants, one code; no health data."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AnswerFigureRow(SQLModel, table=True):
    """One row per request that was answered; it outlives the content, which says more."""

    __tablename__: ClassVar[Any] = "expertise_answer_figure"
    __table_args__ = (Index("expertise_answer_figure_pool", "pool_id", "answered_at"),)

    request_id: str = Field(primary_key=True, max_length=36)
    pool_id: str = Field(max_length=36)
    expert_id: str = Field(max_length=36)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    answered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    quality: str = Field(default="", max_length=24)
    """`r.qualite`."""
    writing_s: int = Field(default=0)
