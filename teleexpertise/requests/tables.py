"""The tables of requests: in clear only identifiers, states and times; what was said is sealed."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime


def _instant(*, index: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=False, index=index))


def _maybe_instant() -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime))


class RequestRow(SQLModel, table=True):
    """One request, draft or sent."""

    __tablename__: ClassVar[Any] = "expertise_request"
    __table_args__ = (
        Index("expertise_request_holder", "holder_id", "state"),
        Index("expertise_request_pool", "pool_id", "state", "deadline_at"),
        Index("expertise_request_requester", "requester_id", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=36)
    number: str = Field(max_length=10, unique=True)
    requester_id: str = Field(max_length=36)
    state: str = Field(max_length=16)
    canonical: str = Field(default="", max_length=200)
    pool_id: str = Field(default="", max_length=36)
    holder_id: str = Field(default="", max_length=36)
    attempt_id: str = Field(default="", max_length=36)
    created_at: datetime = _instant()
    submitted_at: datetime | None = _maybe_instant()
    deadline_at: datetime | None = _maybe_instant()
    half_at: datetime | None = _maybe_instant()
    """When half of the working time to the deadline is gone."""
    most_at: datetime | None = _maybe_instant()
    """When four fifths of it are."""
    reminded_at: datetime | None = _maybe_instant()
    offer_expires_at: datetime | None = _maybe_instant()
    held_since: datetime | None = _maybe_instant()
    ended_at: datetime | None = _maybe_instant()
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Sealed `RequestContent`."""
    answer: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Sealed `AnswerContent`, empty until there is one."""
    follows_id: str = Field(default="", max_length=36, index=True, sa_column_kwargs={"server_default": ""})
    """The request that it is the follow-up of."""
    continuity_id: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})


class RequestFactRow(SQLModel, table=True):
    """One line of a request's timeline."""

    __tablename__: ClassVar[Any] = "expertise_request_fact"
    __table_args__ = (Index("expertise_request_fact_request", "request_id", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36, foreign_key="expertise_request.id")
    kind: str = Field(max_length=24)
    at: datetime = _instant()
    actor_id: str = Field(default="", max_length=36)
    reason: str = Field(default="", max_length=24)
    through_id: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})


class RequestNoteRow(SQLModel, table=True):
    """A question of the expert's or a word of the requester's, sealed."""

    __tablename__: ClassVar[Any] = "expertise_request_note"
    __table_args__ = (Index("expertise_request_note_request", "request_id", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36, foreign_key="expertise_request.id")
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SubmissionRow(SQLModel, table=True):
    """One arrival, by mail or by the web: what makes a second arrival of the same a duplicate."""

    __tablename__: ClassVar[Any] = "expertise_submission"
    __table_args__ = (
        Index("expertise_submission_key", "requester_id", "key_digest", "content_digest", unique=True),
        Index("expertise_submission_request", "request_id"),
    )

    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36)
    requester_id: str = Field(max_length=36)
    key_digest: str = Field(max_length=64)
    """Digest of the Message-ID, or of the submission key of a page."""
    content_digest: str = Field(max_length=64)
    received_at: datetime = _instant()
    differs: bool = Field(default=False)
    """True: the key was known with other content, and what came is kept in `rejected`."""
    rejected: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Sealed `RequestContent` of a submission that differs."""


class ThreadMailRow(SQLModel, table=True):
    """A Message-ID that belongs to a request, of a mail received or sent: replies find their request by it."""

    __tablename__: ClassVar[Any] = "expertise_thread_mail"

    message_digest: str = Field(primary_key=True, max_length=64)
    request_id: str = Field(max_length=36, index=True)


class NumberRow(SQLModel, table=True):
    """How many numbers a year has given out."""

    __tablename__: ClassVar[Any] = "expertise_number"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int = Field(default=0)
