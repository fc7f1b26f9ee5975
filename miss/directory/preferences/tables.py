"""What an account has chosen."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class AccountPreferenceRow(SQLModel, table=True):
    """The choices of one account; no row: the defaults hold."""

    __tablename__: ClassVar[Any] = "account_preference"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), primary_key=True))
    notification: str = Field(max_length=16)
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
