"""Sendings of images, and when they were opened.  The content lies in the blob store, sealed."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class MailImagesRow(SQLModel, table=True):
    """One sending."""

    __tablename__: ClassVar[Any] = "mail_images"
    __table_args__: ClassVar[Any] = (
        Index("ix_mail_images_sender", "sender_id", "created_at"),
        Index("ix_mail_images_reader", "reader_id", "sent_at"),
        Index("ix_mail_images_held", "is_held", "expires_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    sender_id: str = Field(max_length=40)
    recipient_id: str = Field(max_length=40)
    reader_id: str = Field(max_length=40)
    images: int
    size_bytes: int
    state: str = Field(max_length=16)
    way: str = Field(max_length=16)
    sealed: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """The words; empty: not whole yet, or destroyed."""
    is_held: bool
    """There may be images in the blob store, and a key."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    over_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, index=True))


class MailImagesOpeningRow(SQLModel, table=True):
    """Its reader opened the page, or took all images with them."""

    __tablename__: ClassVar[Any] = "mail_images_opening"

    id: str = Field(primary_key=True, max_length=36)
    sending_id: str = Field(sa_column=Column(String(36), ForeignKey("mail_images.id"), nullable=False, index=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
