"""What an establishment takes along of the advice that was asked in its name (ADR 55)."""

from teleexpertise.leaving.service import leaving_files

__all__ = ["leaving_files"]
