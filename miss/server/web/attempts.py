"""How often one address may try a password or a code on the pages, whichever names it tries them under.

Wrong tries under one name have their own patience (`miss.directory.sign_in`); this stops who tries many names, and who
makes the server hash passwords all day.  Every try counts, before it is looked at.
"""

from dataclasses import dataclass
from math import ceil

from starlette.requests import Request

from miss.base.network import network_of
from miss.broker import Rates
from miss.protocol.session import Rate
from miss.server.errors import TooManyAttempts


@dataclass(frozen=True, slots=True)
class Attempts:
    """Counted in all processes together."""

    rates: Rates
    rate: Rate

    async def count(self, request: Request) -> None:
        """Count a try from the address of `request`.  Raises TooManyAttempts."""
        network = network_of(request.client.host if request.client else "")
        wait_s = await self.rates.ask("attempts", network.encode(), self.rate)
        if wait_s:
            raise TooManyAttempts(retry_after_s=ceil(wait_s))
