"""A wait that ends: what takes longer than a loaded machine explains fails, and says who stands where."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

PATIENCE_S = 300.0
"""Five times what the slowest part of an upgrade took on two cores that seventeen programs wanted."""


class StoodStill(AssertionError):
    """Something did not come; what the servers were doing, and which writers wait."""


@asynccontextmanager
async def within(what: str, explain: Callable[[], Awaitable[str]], seconds: float = PATIENCE_S) -> AsyncIterator[None]:
    """Let the block wait for `what`, so long.  Raises StoodStill with what `explain` says."""
    try:
        async with asyncio.timeout(seconds) as patience:
            yield
    except TimeoutError:
        if not patience.expired():
            raise
        raise StoodStill(f"{what}: not within {seconds:.0f} s\n{await explain()}") from None
