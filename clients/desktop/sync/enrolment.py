"""An account comes to this machine: by an activation letter, by another device, by the recovery key.

The folder is begun before the server is asked, and kept once the device is linked.  What was begun and broken off is
resumed by the same call, as the keys are stored before the server hears of them.
"""

from collections.abc import Awaitable, Callable
from ssl import SSLContext

from clients.desktop.store.profiles import Profile, Profiles
from clients.desktop.sync.ways import Letter, OtherDevice, Recovery, Way
from clients.desktop.words import spoken
from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.client import Store, link_device, pair_device, recover_device, reset_device
from miss.protocol.crypto.links import parse_link


class Enrolment:
    """Makes this machine a device of somebody."""

    def __init__(self, profiles: Profiles, clock: Clock, random_bytes: RandomBytes) -> None:
        self._profiles = profiles
        self._clock = clock
        self._random_bytes = random_bytes
        self._begun: tuple[Profile, bytes, str] | None = None

    async def enrol(
        self, way: Way, pin: str, device_name: str, ssl_context: SSLContext | None = None
    ) -> tuple[Profile, bytes]:
        """A linked account and its key.  Raises WeakPin, and as `link_device`, `pair_device`, `recover_device`."""
        profile, key = self._begin(pin)
        with Store(profile.chat_path, key, self._random_bytes) as store:
            uid = await self._enter(store, way, device_name, ssl_context)
            name, server_url = _who(store, uid), store.device.get().server_url
        self._begun = None
        return self._profiles.keep(profile, name, server_url), key

    def abandon(self) -> None:
        """Nobody goes on: what was begun is deleted."""
        if self._begun is not None:
            self._profiles.remove(self._begun[0])
            self._begun = None

    def _begin(self, pin: str) -> tuple[Profile, bytes]:
        if self._begun is not None and self._begun[2] == pin:
            return self._begun[0], self._begun[1]
        self.abandon()
        profile = self._profiles.begin()
        try:
            key = self._profiles.lock_of(profile).create(pin)
        except BaseException:
            self._profiles.remove(profile)
            raise
        self._begun = (profile, key, pin)
        return profile, key

    async def _enter(self, store: Store, way: Way, device_name: str, ssl_context: SSLContext | None) -> AccountId:
        match way:
            case Letter(server_url, rpps, code, fingerprint, starts_over):
                enter: Callable[..., Awaitable[AccountId]] = reset_device if starts_over else link_device
                return await enter(
                    store,
                    server_url,
                    rpps=rpps,
                    code=code,
                    device_name=device_name,
                    expected_fingerprint=fingerprint,
                    clock=self._clock,
                    random_bytes=self._random_bytes,
                    language=spoken(),
                    ssl_context=ssl_context,
                )
            case OtherDevice(uri_or_code, server_url):
                return await pair_device(
                    store,
                    server_url or uri_or_code,
                    uri_or_code if server_url else "",
                    device_name=device_name,
                    clock=self._clock,
                    random_bytes=self._random_bytes,
                    language=spoken(),
                    ssl_context=ssl_context,
                )
            case Recovery(server_url, rpps, ticket, secret, fingerprint):
                is_words = " " in secret.strip() and not any(one.isdigit() for one in secret)
                return await recover_device(
                    store,
                    server_url,
                    rpps=rpps,
                    ticket=ticket,
                    code="" if is_words else secret,
                    passphrase=secret if is_words else "",
                    device_name=device_name,
                    expected_fingerprint=fingerprint,
                    clock=self._clock,
                    random_bytes=self._random_bytes,
                    language=spoken(),
                    ssl_context=ssl_context,
                )


def _who(store: Store, uid: AccountId) -> str:
    """Whose device it has become, by the certified links."""
    names = [link.core.who for link in map(parse_link, store.people.links(uid)) if link.core.who is not None]
    return f"{names[-1].given} {names[-1].family}".strip() if names else uid.hex()[:8]
