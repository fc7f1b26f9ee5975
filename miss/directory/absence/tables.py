"""Who is away, and when."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Column, Date, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel


class AccountAbsenceRow(SQLModel, table=True):
    """One absence; local days."""

    __tablename__: ClassVar[Any] = "account_absence"
    __table_args__ = (
        Index("account_absence_practitioner", "practitioner_id", "last_day"),
        Index("account_absence_account", "uid", "last_day"),
    )

    id: str = Field(primary_key=True, max_length=36)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), nullable=False))
    practitioner_id: str = Field(max_length=36)
    first_day: date = Field(sa_column=Column(Date, nullable=False))
    last_day: date = Field(sa_column=Column(Date, nullable=False))
    message: str = Field(default="")
    colleague_id: str = Field(default="", max_length=36)
