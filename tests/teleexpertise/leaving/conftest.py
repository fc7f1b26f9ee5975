"""SQLite alone in this room, as `one_database` says."""

from tests.teleexpertise.one_database import db

__all__ = ["db"]
