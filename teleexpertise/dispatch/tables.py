"""Pools, their members, and the record of every choice."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PoolRow(SQLModel, table=True):
    """One row per pool; whoever assigns holds it (`FOR UPDATE`), so that turns follow one another."""

    __tablename__: ClassVar[Any] = "pool"

    id: str = Field(primary_key=True, max_length=36)
    name: str = Field(max_length=120)
    questionnaire: str = Field(max_length=120, index=True)
    coordinator_id: str = Field(max_length=36)
    hours: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """`availability_to_json`."""
    zone: str = Field(max_length=64)
    answer_within_s: int
    accept_within_s: int
    answer_time_s: int
    open_now_only: bool = Field(default=False)
    virtual_time: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, default=0))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PoolMemberRow(SQLModel, table=True):
    """One row per expert and pool; nobody is removed, they become inactive and keep their place."""

    __tablename__: ClassVar[Any] = "pool_member"

    pool_id: str = Field(primary_key=True, max_length=36, foreign_key="pool.id")
    practitioner_id: str = Field(primary_key=True, max_length=36, index=True)
    weight: int = Field(default=1)
    competences: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    cap: int | None = Field(default=None)
    weekly_quota: int | None = Field(default=None)
    active: bool = Field(default=True)
    credit: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, default=0))
    last_turn: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    joined_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class DispatchDecisionRow(SQLModel, table=True):
    """One row per choice that was made, or found nobody: identifiers, credits and reasons, no health data."""

    __tablename__: ClassVar[Any] = "dispatch_decision"

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36, index=True)
    pool_id: str = Field(max_length=36, foreign_key="pool.id")
    attempt_id: str | None = Field(default=None, max_length=36, foreign_key="attempt.id", index=True)
    decided_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    decision: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
