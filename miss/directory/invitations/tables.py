"""The table of invitations."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class InvitationRow(SQLModel, table=True):
    """One invitation; its acts are in the access log."""

    __tablename__: ClassVar[Any] = "invitation"
    __table_args__ = (Index("invitation_scope", "role", "scope_id"),)

    id: str = Field(primary_key=True, max_length=36)
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    """Of the last link sent."""
    role: str = Field(max_length=32)
    scope_id: str = Field(max_length=64)
    inviter: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    inviter_id: str = Field(max_length=36)
    employer: str = Field(default="", max_length=200)
    issuer: str = Field(max_length=16)
    family: str = Field(max_length=100)
    given: str = Field(max_length=100)
    function: str = Field(max_length=120)
    email: str = Field(max_length=254, index=True)
    language: str = Field(default="fr", max_length=8)
    state: str = Field(max_length=16)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    invited_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    link_ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    registration_id: str = Field(default="", max_length=36)
    uid: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=True, index=True)
    )
