"""The lists of blocked correspondents."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class CorrespondentBlockRow(SQLModel, table=True):
    """One line: somebody of the directory, or a bare address; deleted when they are unblocked."""

    __tablename__: ClassVar[Any] = "correspondent_block"
    __table_args__ = (
        UniqueConstraint("uid", "practitioner_id", "address", name="correspondent_block_once"),
        Index("correspondent_block_practitioner", "practitioner_id"),
        Index("correspondent_block_address", "address"),
    )

    id: str = Field(primary_key=True, max_length=36)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    """Who blocks."""
    practitioner_id: str = Field(default="", max_length=36)
    address: str = Field(default="", max_length=320)
    reason: str = Field(max_length=16)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
