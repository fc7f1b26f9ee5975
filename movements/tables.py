"""Movements that were announced: who was told and when in clear, what was said sealed."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class MovementRow(SQLModel, table=True):
    """One row per movement."""

    __tablename__: ClassVar[Any] = "patient_movement"
    __table_args__ = (
        UniqueConstraint("organization_id", "reference_digest"),
        Index("ix_patient_movement_list", "organization_id", "state", "received_at"),
        Index("ix_patient_movement_received_at", "received_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    organization_id: str = Field(max_length=64)
    reference_digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    """Of the hospital's reference: it may be the number of a stay."""
    kind: str = Field(max_length=16)
    state: str = Field(max_length=16)
    why: str = Field(default="", max_length=16)
    practitioner_id: str = Field(default="", max_length=36)
    happened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
