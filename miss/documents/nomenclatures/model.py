"""A coded concept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """A code, the OID of the code system that defines it, and its label in French."""

    code: str
    system: str
    label: str
