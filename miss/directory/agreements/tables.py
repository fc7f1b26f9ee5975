"""The table of acceptances."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AgreementAcceptanceRow(SQLModel, table=True):
    """One text that somebody accepted."""

    __tablename__: ClassVar[Any] = "agreement_acceptance"

    id: str = Field(primary_key=True, max_length=36)
    uid: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=True, index=True)
    )
    """NULL: a sign-up that has no account yet."""
    registration_id: str = Field(default="", max_length=36, index=True)
    """The sign-up it came with; empty: accepted on the pages."""
    document: str = Field(max_length=16)
    version: str = Field(max_length=16)
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    name: str = Field(max_length=200)
    address: str = Field(default="", max_length=45)
    language: str = Field(default="fr", max_length=8)
