"""Which of PostgreSQL's errors mean that it cannot serve now, and not that the statement is wrong."""

_AWAY = ("08", "25P03", "53", "55", "57", "58")
"""Beginnings of SQLSTATEs (PostgreSQL, appendix A): connection, a transaction that stood still (`silence`), resources,
state, operator's intervention, system."""


def is_away(sqlstate: str | None) -> bool:
    """True if the same statement may succeed a moment later."""
    return (sqlstate or "").startswith(_AWAY)
