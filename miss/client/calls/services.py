"""Calls about the server's other side: services that take a device's HTTP token, what establishments impose.  §7"""

from miss.client.calls.base import Calls


class ServiceCalls(Calls):
    """What opens the other services of the same server."""

    async def http_token(self, *, renew: bool = False) -> str:
        """`Authorization: Bearer …` for about ten minutes; `renew`: the last one was refused.

        Shown to this device's own server only.  Raises ServerRefused, ServerUnreachable.
        """
        return await self._parts.api.http_token(renew=renew)

    @property
    def lock_limit(self) -> int | None:
        """Minutes without anybody there after which this person's establishments have it locked; None: as one likes.

        As the server last said it.
        """
        return self._held.device.lock_limit()

    async def ask_lock_limit(self) -> int | None:
        """As the server says it now, kept.  Raises ServerRefused, ServerUnreachable."""
        minutes = await self._parts.api.fetch_lock_limit()
        if minutes != self.lock_limit:
            self._held.device.set_lock_limit(minutes)
        return minutes
