"""The tables of what follows an answer: identifiers, instants and choices from lists; nothing of the patient."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class FollowUpRow(SQLModel, table=True):
    """Photographs to be taken again."""

    __tablename__: ClassVar[Any] = "expertise_follow_up"

    request_id: str = Field(primary_key=True, max_length=36)
    requester_id: str = Field(max_length=36, index=True)
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    told_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class SurveyRow(SQLModel, table=True):
    """One answer that left, whether its patient is known to know, and what its requester said of it."""

    __tablename__: ClassVar[Any] = "expertise_survey"
    __table_args__ = (Index("expertise_survey_pool", "pool_id", "answered_at"),)

    request_id: str = Field(primary_key=True, max_length=36)
    pool_id: str = Field(max_length=36)
    answered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    informed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    useful: str = Field(default="", max_length=8)
    changed: str = Field(default="", max_length=8)
    avoided: str = Field(default="", max_length=8)
