"""Sealed to a person's own devices, and sealed under the person's user key."""

from typing import Any, ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class UserKeyBoxRow(SQLModel, table=True):
    """The current user key, sealed to one device; those of earlier generations are deleted."""

    __tablename__: ClassVar[Any] = "chat_user_key_box"

    did: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False, index=True))
    generation: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class VaultEntryRow(SQLModel, table=True):
    """The secret of one epoch, sealed under the user key in force: takes the place of the box of its commit."""

    __tablename__: ClassVar[Any] = "chat_vault_entry"

    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True, index=True))
    epoch: int = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
