"""Conversations, their commits, boxes and memberships."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


class ConversationRow(SQLModel, table=True):
    """One conversation: the row that every deposit and every commit locks."""

    __tablename__: ClassVar[Any] = "chat_conversation"

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    epoch: int
    commit_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    needs_rekey: bool = Field(default=False)
    version: int
    last_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    log: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    """Last deposit or commit: the order of a person's list, and what a resumed connection has missed."""
    expired_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """No envelope is left up to here (`miss.chat.retention`)."""
    look_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    """When retention looks at it next."""


class CommitRow(SQLModel, table=True):
    """One commit, with digests in place of boxes."""

    __tablename__: ClassVar[Any] = "chat_commit"

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    epoch: int = Field(primary_key=True)
    commit: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    after_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Last envelope sealed under an earlier epoch: what was deposited until this commit."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class BoxRow(SQLModel, table=True):
    """What a commit seals to one member: the epoch's secret and, for a newcomer, the history."""

    __tablename__: ClassVar[Any] = "chat_box"

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    epoch: int = Field(primary_key=True)
    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    history: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class MemberRow(SQLModel, table=True):
    """One membership, from a version of the conversation to another; somebody who comes back gets a second row."""

    __tablename__: ClassVar[Any] = "chat_member"
    __table_args__ = (Index("chat_member_uid", "uid", "to_version"),)

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    from_version: int = Field(primary_key=True)
    to_version: int | None = Field(default=None)
    role: int
    from_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    """First envelope this membership may read."""
    to_seq: int | None = Field(default=None, sa_column=Column(BigInteger))
    """Last one; None: still a member."""
    to_epoch: int | None = Field(default=None)


class MarkerRow(SQLModel, table=True):
    """How far one member has received and read.  Only the latest is kept."""

    __tablename__: ClassVar[Any] = "chat_marker"

    cid: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    uid: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    recv_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    read_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    read_receipt: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """Signed by the reading device, as sent."""
    moved_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
