"""Who sends a wake-up: a token that push services check against the key of the subscription (VAPID, RFC 8292)."""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from miss.chat.push.wire.keys import PushKey

VALIDITY: Final = timedelta(hours=12)
"""A day at most (RFC 8292 §2)."""
RENEW_BEFORE: Final = timedelta(hours=1)


class Vapid:
    """Tokens, kept while they last: one for each push service."""

    def __init__(self, contact: str) -> None:
        """`contact`: `mailto:` or `https:`, whom a push service turns to (RFC 8292 §2.1)."""
        self._contact = contact
        self._kept: dict[tuple[str, bytes], tuple[datetime, str]] = {}

    def authorization(self, endpoint: str, key: PushKey, now: datetime) -> str:
        """The value of the Authorization header for this endpoint."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        until, token = self._kept.get((audience, key.public), (now, ""))
        if until - now < RENEW_BEFORE:
            until, token = now + VALIDITY, self._sign(audience, key, now + VALIDITY)
            self._kept[audience, key.public] = until, token
        return f"vapid t={token}, k={_text(key.public)}"

    def _sign(self, audience: str, key: PushKey, until: datetime) -> str:
        claims = {"aud": audience, "exp": int(until.timestamp()), "sub": self._contact}
        return jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(key.private))


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
