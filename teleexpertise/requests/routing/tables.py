"""The routes of requests."""

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel


class RequestRouteRow(SQLModel, table=True):
    """One row per request that was sent."""

    __tablename__: ClassVar[Any] = "expertise_route"

    request_id: str = Field(primary_key=True, max_length=36, foreign_key="expertise_request.id")
    pool_id: str = Field(max_length=36, foreign_key="pool.id")
    served: str = Field(max_length=16)
    named_id: str = Field(default="", max_length=36)
    continuity_id: str = Field(default="", max_length=36)
