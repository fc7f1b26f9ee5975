"""How often HTTP may be asked: a token bucket for each device and each address, by what is asked.  protocol §6

Sockets have their own rates (`miss.protocol.session`).  Buckets are those of this process: with several, a device that
spreads its requests gets as many times more.
"""

from collections import OrderedDict
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil

from starlette.requests import Request

from miss.base.clock import monotonic_s
from miss.chat.devices.service import Devices
from miss.chat.errors import TooManyRequests
from miss.chat.http import Pace, bearer_token
from miss.chat.limits import HttpRates
from miss.protocol.session.limits import Rate
from miss.protocol.session.rates import TokenBucket

MAX_BUCKETS = 100_000
"""The ones unused for longest are forgotten first: a full bucket is as good as none."""
IPV6_SITE_BITS = 64
"""Somebody with one IPv6 address has 2^64 of them: the network counts."""


class Gate:
    """The buckets of this process."""

    def __init__(self, rates: HttpRates, devices: Devices) -> None:
        self._rates = rates
        self._devices = devices
        self._buckets: OrderedDict[tuple[Pace, bytes], TokenBucket] = OrderedDict()

    def admit(self, request: Request, pace: Pace) -> None:
        """Count a request for the device whose token it carries, else for its address.  Raises TooManyRequests."""
        token = bearer_token(request)
        did = self._devices.did_of(token) if token and pace is not Pace.IDENTITY else None
        self.count(did or address_of(request), pace)

    def count(self, subject: bytes, pace: Pace) -> None:
        """Count one for `subject`.  Raises TooManyRequests."""
        now_s = monotonic_s()
        key = pace, subject
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._rate(pace), now_s)
            while len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        wait_s = bucket.take(now_s)
        if wait_s:
            raise TooManyRequests(retry_after_s=ceil(wait_s))

    def _rate(self, pace: Pace) -> Rate:
        return {
            Pace.COMMITS: self._rates.commits,
            Pace.BLOBS: self._rates.blobs,
            Pace.REQUESTS: self._rates.requests,
            Pace.IDENTITY: self._rates.identity,
        }[pace]


def address_of(request: Request) -> bytes:
    """Where a request comes from: an IPv4 address, the /64 network of an IPv6 one."""
    host = request.client.host if request.client else ""
    return b"@" + network_of(host).encode()


def network_of(host: str) -> str:
    """`host`, or the network of 2^64 addresses that it belongs to."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, IPV6_SITE_BITS), strict=False))
