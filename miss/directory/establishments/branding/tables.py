"""What establishments chose to show themselves with."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class BrandingRow(SQLModel, table=True):
    """One establishment's choice; no row: the house's own look."""

    __tablename__: ClassVar[Any] = "establishment_branding"

    establishment_id: str = Field(primary_key=True, max_length=64, foreign_key="establishment.id")
    colour: str = Field(max_length=7)
    sender: str = Field(default="", max_length=60)
    logo: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """JPEG, written anew by a process of its own."""
    logo_digest: str = Field(default="", max_length=64)
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
