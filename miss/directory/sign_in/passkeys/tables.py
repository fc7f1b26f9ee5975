"""The table of passkeys."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class PasskeyRow(SQLModel, table=True):
    """One passkey; its public half only."""

    __tablename__: ClassVar[Any] = "sign_in_passkey"

    credential_id: bytes = Field(sa_column=Column(LargeBinary(1023), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False, index=True))
    public_key: bytes = Field(sa_column=Column(LargeBinary(2000), nullable=False))
    sign_count: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    name: str = Field(max_length=60)
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    is_backed_up: bool = Field(default=False)
