"""The key store's tables; it has a database, a metadata and migrations of its own."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

KEYSTORE_METADATA = MetaData()


class KeyStoreModel(SQLModel):
    """Base of the tables that live in the key store and nowhere else."""

    metadata = KEYSTORE_METADATA


class DataKeyRow(KeyStoreModel, table=True):
    """One wrapped data key; no row: destroyed, or never made."""

    __tablename__: ClassVar[Any] = "data_key"

    id: str = Field(primary_key=True, max_length=80)
    wrapped: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    master_id: str = Field(max_length=16)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class WrappingKeyRow(KeyStoreModel, table=True):
    """One row: the master key that wraps new data keys; who wraps holds it, who renews changes it."""

    __tablename__: ClassVar[Any] = "wrapping_key"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    master_id: str = Field(max_length=16)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
