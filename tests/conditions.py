"""What the tests wait for: a condition may ask for something that is not there yet."""

from collections.abc import Callable
from typing import Final

from miss.base.errors import NotFound

WAIT_S: Final = 30.0
"""How long anything may take on a machine that is busy with other tests; what is right never waits for it."""
LOOK_S: Final = 0.1
"""Between two looks where nothing is announced: a condition may ask for what somebody else does, or for a file."""


def holds(condition: Callable[[], object]) -> bool:
    """True once `condition` is; what it looks up (the first row, a message by its number) may come later."""
    try:
        return bool(condition())
    except (LookupError, NotFound):
        return False
