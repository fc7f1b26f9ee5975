"""Calls for the services beside the chat: they take a device's HTTP token like a page's session.  protocol §7"""

from miss.client.calls.base import Calls


class ServiceCalls(Calls):
    """What opens the other services of the same server."""

    async def http_token(self, *, renew: bool = False) -> str:
        """`Authorization: Bearer …` for about ten minutes; `renew`: the last one was refused.

        Shown to this device's own server only.  Raises ServerRefused, ServerUnreachable.
        """
        return await self._parts.api.http_token(renew=renew)
