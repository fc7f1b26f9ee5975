"""How often the chat may be asked: token buckets of devices, accounts and addresses, by what is asked.  protocol §6, §7

All processes share them (`miss.broker.Rates`).  Frames that ask the database are counted by device, whichever of its
connections they come on; the others have rates of their own on each (`miss.protocol.session`).
"""

from functools import partial
from math import ceil

from starlette.requests import HTTPConnection, Request

from miss.base.ids import DeviceId
from miss.base.network import network_of
from miss.broker import Rates
from miss.chat.devices.service import Devices
from miss.chat.errors import TooManyOpenings, TooManyRequests
from miss.chat.http import Pace, bearer_token
from miss.chat.limits import ChatLimits
from miss.directory.search.quota import DAILY
from miss.protocol.session import FindBucket, Rate
from miss.protocol.session.rates import TokenBucket
from miss.protocol.wire.frames import Del, Pull, Read, Send

COUNTED_BY_DEVICE = frozenset({Send, Pull, Read, Del})


class Gate:
    """Counts what is asked of this process."""

    def __init__(self, limits: ChatLimits, devices: Devices, rates: Rates) -> None:
        self._frames = limits.session.rates
        self._http = limits.http
        self._devices = devices
        self._rates = rates

    async def admit(self, request: Request, pace: Pace) -> None:
        """Count a request for the device whose token it carries, else for its address.  Raises TooManyRequests."""
        if pace is Pace.IDENTITY:
            # Codes are tried here: what one process has counted holds for all of them at once.
            _require(await self._rates.ask(pace.name, address_of(request), self._rate(pace)))
            return
        token = bearer_token(request)
        did = self._devices.did_of(token) if token else None
        self.count(did or address_of(request), pace)

    def count(self, subject: bytes, pace: Pace) -> None:
        """Count one for `subject`.  Raises TooManyRequests."""
        _require(self._rates.take(pace.name, subject, self._rate(pace)))
        if pace is Pace.SEARCHES:
            _require(self._rates.take(DAILY, subject, self._http.searches_daily))

    def open(self, did: DeviceId) -> None:
        """Count a connection that the device has opened.  Raises TooManyOpenings."""
        wait_s = self._rates.take("openings", did, self._http.openings)
        if wait_s:
            raise TooManyOpenings(retry_after_s=ceil(wait_s))

    def buckets_of(self, did: DeviceId) -> FindBucket:
        """Where a connection of the device finds the buckets that outlive it."""
        return partial(self._find_bucket, did)

    def _find_bucket(self, did: DeviceId, kind: type) -> TokenBucket | None:
        if kind not in COUNTED_BY_DEVICE:
            return None
        return self._rates.bucket(kind.__name__, did, self._frames[kind])

    def _rate(self, pace: Pace) -> Rate:
        return {
            Pace.COMMITS: self._http.commits,
            Pace.BLOBS: self._http.blobs,
            Pace.REQUESTS: self._http.requests,
            Pace.IDENTITY: self._http.identity,
            Pace.SEARCHES: self._http.searches,
        }[pace]


def address_of(connection: HTTPConnection) -> bytes:
    """Where a request comes from: an IPv4 address, the /64 network of an IPv6 one."""
    return b"@" + network_of(host_of(connection)).encode()


def host_of(connection: HTTPConnection) -> str:
    """The client's address; empty if the server does not know it."""
    return connection.client.host if connection.client else ""


def _require(wait_s: float) -> None:
    if wait_s:
        raise TooManyRequests(retry_after_s=ceil(wait_s))
