"""The proposals."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class EntryProposalRow(SQLModel, table=True):
    """One proposal; kept with what became of it."""

    __tablename__: ClassVar[Any] = "entry_proposal"
    __table_args__ = (Index("entry_proposal_state", "state", "made_at"),)

    id: str = Field(primary_key=True, max_length=36)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False, index=True))
    practitioner_id: str = Field(max_length=36)
    change: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """`EntryChange`: only the fields that change."""
    state: str = Field(max_length=16)
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    settled_by: str = Field(default="", max_length=100)
    reason: str = Field(default="")
