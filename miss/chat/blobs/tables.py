"""Blobs and the envelopes that name them; the bytes lie in the blob store."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class BlobRow(SQLModel, table=True):
    """One blob.  The row comes before the bytes, so that an upload that broke off is found and swept."""

    __tablename__: ClassVar[Any] = "chat_blob"

    id: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    uploader: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    size_bytes: int = Field(default=0)
    """0 until the upload is whole."""
    announced_bytes: int = Field(default=0)
    """How large an upload in parts will be; 0 for one that comes in one piece."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    """When the upload began or, once it is whole, ended: an envelope has to name it within a day."""


class BlobPartRow(SQLModel, table=True):
    """One part of an upload that comes in parts.  The row comes before the bytes, as for the whole."""

    __tablename__: ClassVar[Any] = "chat_blob_part"

    blob: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("chat_blob.id"), primary_key=True))
    start: int = Field(primary_key=True)
    name: str = Field(max_length=80)
    """In the blob store."""
    size_bytes: int = Field(default=0)
    """0 until its bytes are there."""


class BlobUseRow(SQLModel, table=True):
    """An envelope names a blob: whoever may read the envelope may read the blob."""

    __tablename__: ClassVar[Any] = "chat_blob_use"

    # The key to the blob makes a sweep that races with a deposit fail instead of leaving a name without bytes.
    blob: bytes = Field(sa_column=Column(LargeBinary(16), ForeignKey("chat_blob.id"), primary_key=True))
    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
