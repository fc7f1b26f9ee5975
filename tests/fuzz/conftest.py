"""The chat server of `tests/miss/chat`, for the doors."""

from tests.miss.chat.conftest import db, memory_broker, place, process, template, world

__all__ = ["db", "memory_broker", "place", "process", "template", "world"]
