"""The official codes, once an operator loaded them, and where these come from."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Column, Field, SQLModel

from miss.storage.columns import UtcDateTime


class DiagnosisRow(SQLModel, table=True):
    """One code of the CIM-10."""

    __tablename__: ClassVar[Any] = "expertise_diagnosis"

    code: str = Field(primary_key=True, max_length=12)
    label: str = Field(max_length=300)
    folded: str = Field(max_length=600)
    """The label as searches compare it."""


class DiagnosisEditionRow(SQLModel, table=True):
    """What was loaded last; one row, or none."""

    __tablename__: ClassVar[Any] = "expertise_diagnosis_edition"

    name: str = Field(primary_key=True, max_length=120)
    codes: int
    loaded_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
