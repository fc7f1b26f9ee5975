"""Which of PostgreSQL's errors mean that it cannot serve now, and not that the statement is wrong."""

_AWAY = ("08", "53", "55", "57", "58")
"""SQLSTATE classes (PostgreSQL, appendix A): connection, resources, state, operator's intervention, system."""


def is_away(sqlstate: str | None) -> bool:
    """True if the same statement may succeed a moment later."""
    return (sqlstate or "").startswith(_AWAY)
