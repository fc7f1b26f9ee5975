"""The tables of people who leave."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

_LIVING = text("stage IN ('asked', 'planned', 'redirecting')")


class RetirementRow(SQLModel, table=True):
    """One retirement; of those of one account, one at most is not over."""

    __tablename__: ClassVar[Any] = "retirement"
    __table_args__ = (
        Index("retirement_living", "uid", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("retirement_stage", "stage", "leaves_on"),
    )

    id: str = Field(primary_key=True, max_length=36)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False, index=True))
    practitioner_id: str = Field(max_length=36, index=True)
    leaves_on: date
    successor_uid: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=True)
    )
    successor_id: str = Field(default="", max_length=36)
    """The successor's entry in the directory; empty: nobody's."""
    redirected_until: date | None = Field(default=None)
    reason: str = Field(default="", max_length=300)
    stage: str = Field(max_length=16)
    stage_since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    asked_by: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class RetirementApprovalRow(SQLModel, table=True):
    """One technician's approval."""

    __tablename__: ClassVar[Any] = "retirement_approval"

    retirement_id: str = Field(foreign_key="retirement.id", primary_key=True, max_length=36)
    by: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
