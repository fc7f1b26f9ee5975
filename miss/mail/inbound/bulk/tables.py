"""How often each sender said the same today: digests, nothing that was said."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class InboundBodyRow(SQLModel, table=True):
    """What one sender said, and how often; forgotten a day after the first time."""

    __tablename__: ClassVar[Any] = "inbound_body"

    practitioner_id: str = Field(primary_key=True, max_length=36)
    digest: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    times: int
    first_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
