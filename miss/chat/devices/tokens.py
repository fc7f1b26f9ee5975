"""HTTP tokens: which device is asking, for ten minutes.  protocol §7 (`ready`)

    token = base64url( did ‖ expiry in ms, 8 bytes ‖ K(key, "http-token", did ‖ expiry) )

Signed rather than stored: a reconnect storm of ten thousand devices then costs no write, and every process that
holds the operator's folder accepts every token.  Nothing is lost by it, as each request looks the device up anyway:
a revoked one is refused at once, whatever its token says.
"""

import base64
from datetime import datetime, timedelta

from miss.base.clock import to_ms
from miss.base.ids import DeviceId
from miss.chat.devices.errors import TokenRefused
from miss.protocol.crypto.primitives import derive, same

VALIDITY = timedelta(minutes=10)


def compose_token(key: bytes, did: DeviceId, now: datetime) -> str:
    """A token for `did`, valid for ten minutes from `now`."""
    claim = did + to_ms(now + VALIDITY).to_bytes(8, "big")
    return base64.urlsafe_b64encode(claim + derive(key, "http-token", claim)).decode()


def parse_token(key: bytes, token: str, now: datetime) -> DeviceId:
    """The device that `token` was made for.  Raises TokenRefused."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        raise TokenRefused from None
    claim, tag = raw[:24], raw[24:]
    if not same(tag, derive(key, "http-token", claim)) or int.from_bytes(claim[16:], "big") <= to_ms(now):
        raise TokenRefused
    return DeviceId(claim[:16])
