"""The table of roles."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class GrantRow(SQLModel, table=True):
    """One role of one account, within a scope; who granted and took back is in the account's story."""

    __tablename__: ClassVar[Any] = "role_grant"
    __table_args__ = (
        UniqueConstraint("uid", "role", "scope_id", name="role_grant_once"),
        Index("role_grant_scope", "role", "scope_id"),
    )

    id: str = Field(primary_key=True, max_length=36)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    role: str = Field(max_length=32)
    scope_id: str = Field(default="", max_length=64)
    """Row of the practitioner, organisation or pool that the role says; empty for the platform."""
    granted_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
