"""The table of programs' tokens."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class ApiTokenRow(SQLModel, table=True):
    """One token; the secret itself is only with who asked for it."""

    __tablename__: ClassVar[Any] = "api_token"

    id: str = Field(primary_key=True, max_length=36)
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    organization_id: str = Field(max_length=64, index=True)
    label: str = Field(max_length=80)
    scopes: str = Field(max_length=100)
    """In alphabetical order, a comma between them."""
    issued_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    issued_by: str = Field(max_length=100)
    last_used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
