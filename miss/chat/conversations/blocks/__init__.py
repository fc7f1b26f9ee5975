"""Blocked correspondents, where conversations begin and change: the path of messages knows nothing of them (ADR 37)."""

from miss.chat.conversations.blocks.model import BlocksAmong, nobody_is_blocked

__all__ = ["BlocksAmong", "nobody_is_blocked"]
