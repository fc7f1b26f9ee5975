"""Who wants their proofs by mail."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class MailProofSubscriptionRow(SQLModel, table=True):
    """One account that is sent its archive every month."""

    __tablename__: ClassVar[Any] = "mail_proof_subscription"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("account.uid"), primary_key=True))
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
