"""The tables of certificates."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class CertificateRow(SQLModel, table=True):
    """One certificate; it stays when it is withdrawn, so that it does not come back."""

    __tablename__: ClassVar[Any] = "directory_certificate"
    __table_args__ = (UniqueConstraint("practitioner_id", "fingerprint", name="directory_certificate_once"),)

    id: str = Field(primary_key=True, max_length=36)
    practitioner_id: str = Field(max_length=36)
    fingerprint: str = Field(max_length=64)
    der: bytes = Field(sa_column=Column(LargeBinary(16_384), nullable=False))
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    added_by: str = Field(max_length=80)
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class CertificateAddressRow(SQLModel, table=True):
    """An address that a certificate names: how a sender finds it."""

    __tablename__: ClassVar[Any] = "directory_certificate_address"
    __table_args__ = (Index("directory_certificate_address_of", "address"),)

    certificate_id: str = Field(
        sa_column=Column(ForeignKey("directory_certificate.id", ondelete="CASCADE"), primary_key=True)
    )
    address: str = Field(primary_key=True, max_length=254)
