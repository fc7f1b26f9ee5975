"""What the tests wait for: a condition may ask for something that is not there yet."""

from collections.abc import Callable


def holds(condition: Callable[[], object]) -> bool:
    """True once `condition` is; what it looks up (the first row, a message by its number) may come later."""
    try:
        return bool(condition())
    except LookupError:
        return False
