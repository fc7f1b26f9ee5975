"""The tables of billed acts: patients as keyed digests only."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class BilledActRow(SQLModel, table=True):
    """One act."""

    __tablename__: ClassVar[Any] = "expertise_billed_act"
    __table_args__ = (Index("expertise_billed_act_actor", "actor_id", "at"),)

    request_id: str = Field(primary_key=True, max_length=36)
    code: str = Field(primary_key=True, max_length=8)
    number: str = Field(max_length=10)
    actor_id: str = Field(max_length=36)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    matricule_digest: str = Field(default="", max_length=32)
    traits_digest: str = Field(default="", max_length=32)


class BillingKeyRow(SQLModel, table=True):
    """The key of a year's digests, sealed: once its data key is destroyed, they lead nowhere."""

    __tablename__: ClassVar[Any] = "expertise_billing_key"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
