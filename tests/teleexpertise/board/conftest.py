"""One database kind."""

from tests.teleexpertise.one_database import db

__all__ = ["db"]
