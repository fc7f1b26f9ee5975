"""What is kept for an establishment."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String
from sqlmodel import Field, SQLModel


class KeptFileRow(SQLModel, table=True):
    """One attachment in the blob store, counted for one establishment until its bytes go."""

    __tablename__: ClassVar[Any] = "establishment_file"
    __table_args__ = (
        Index("establishment_file_establishment", "establishment_id", "size_bytes"),
        Index("establishment_file_about", "about"),
    )

    name: str = Field(primary_key=True, max_length=80)
    """In the blob store."""
    establishment_id: str = Field(sa_column=Column(String(64), ForeignKey("establishment.id"), nullable=False))
    about: str = Field(max_length=80)
    """What it goes with, `request:…`; empty: it goes by itself."""
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
