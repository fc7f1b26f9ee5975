"""The table of the official codes, once an operator loaded it."""

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel


class DiagnosisRow(SQLModel, table=True):
    """One code of the CIM-10."""

    __tablename__: ClassVar[Any] = "expertise_diagnosis"

    code: str = Field(primary_key=True, max_length=12)
    label: str = Field(max_length=300)
    folded: str = Field(max_length=600)
    """The label as searches compare it."""
