"""Who speaks when a program shows the HTTP token of a linked device (protocol §7) instead of a page's session.

The chat issues and judges these tokens; services know the house only.  The composition root lends the chat's judgement
here once it is built, and services ask for the account.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from miss.base.errors import NotAuthenticated
from miss.base.ids import AccountId
from miss.base.text import Text


class DeviceTokenRefused(NotAuthenticated):
    """The token is unknown, expired, or of a device that does not count any more."""

    code = "device_token_refused"
    text = Text(
        fr="Ce jeton d’appareil est inconnu ou périmé. L’appareil en demande un autre, qui vaut dix minutes.",
        en="This device token is unknown or expired. The device asks for another one, good for ten minutes.",
    )


class _Device(Protocol):
    @property
    def uid(self) -> AccountId: ...


class DeviceCallers:
    """Tells whose device a token is of."""

    def __init__(self) -> None:
        self._find: Callable[[str], Awaitable[_Device]] | None = None

    def lend(self, find: Callable[[str], Awaitable[_Device]]) -> None:
        """From now on `find` judges; it raises NotAuthenticated or Forbidden."""
        self._find = find

    async def account_of(self, token: str) -> AccountId:
        """The account whose device shows `token`.  Raises DeviceTokenRefused, and as `find`."""
        if self._find is None or not token:
            raise DeviceTokenRefused
        return (await self._find(token)).uid
