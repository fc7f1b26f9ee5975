"""One wake-up to one push service: always the same bytes but for keys and encryption, whatever it is about.  RFC 8030

What the service learns is that this browser was woken, when, and by which server.  The urgency is always `high`, so
that it tells nothing; a new wake-up replaces one that still waits (`Topic`).  Redirections are not followed, answers
are not read.
"""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.chat.push.model import Answer, Outcome, Subscription
from miss.chat.push.wire.encryption import SALT_BYTES, encrypt
from miss.chat.push.wire.keys import PushKey, new_private_key
from miss.chat.push.wire.vapid import Vapid
from miss.outbound import AddressNotOutside, Guard

log = structlog.get_logger("miss.push")

WAKE: Final = b""
"""All that a wake-up says."""
PADDED_BYTES: Final = 128
"""What it is padded to: room for a later version, at the same size."""
TTL: Final = timedelta(hours=72)
"""A telephone that is off for a weekend rings on Monday."""
TOPIC: Final = "wake"
TIMEOUT_S: Final = 10.0


class Gateway:
    """To every push service."""

    def __init__(
        self,
        clock: Clock,
        random_bytes: RandomBytes,
        guard: Guard,
        contact: str,
        *,
        trust: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`contact`: as `Vapid`.  `trust`: whose certificates are believed; None: the public authorities'."""
        self._clock = clock
        self._random_bytes = random_bytes
        self._guard = guard
        self._vapid = Vapid(contact)
        self._timeout_s = timeout_s
        # No proxy of the environment: it would connect where it likes.
        self._client = httpx.AsyncClient(
            verify=trust or ssl.create_default_context(), trust_env=False, timeout=timeout_s, follow_redirects=False
        )

    async def close(self) -> None:
        """Close what is kept open."""
        await self._client.aclose()

    async def send(self, subscription: Subscription, key: PushKey) -> Answer:
        """Send one wake-up; whatever happens is an answer."""
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._send(subscription, key)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, AddressNotOutside) as error:
            answer = Answer(Outcome.UNREACHABLE)
            # Addresses are secrets of browsers: no part of them is logged.
            log.warning("push.unreachable", reason=type(error).__name__)
        if answer.outcome is Outcome.REFUSED:
            log.warning("push.refused", status=answer.status)
        return answer

    async def _send(self, subscription: Subscription, key: PushKey) -> Answer:
        target = await self._guard.judge(subscription.endpoint)
        now = self._clock.now()
        headers = {
            "Host": target.host_header,
            "Authorization": self._vapid.authorization(subscription.endpoint, key, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL // timedelta(seconds=1)),
            "Urgency": "high",
            "Topic": TOPIC,
            "User-Agent": "MiSS",
        }
        body = encrypt(
            WAKE,
            subscription.p256dh,
            subscription.auth,
            salt=self._random_bytes(SALT_BYTES),
            sender=new_private_key(self._random_bytes),
            padded_bytes=PADDED_BYTES,
        )
        asked = self._client.stream(
            "POST", target.pinned, content=body, headers=headers, extensions=dict(target.extensions)
        )
        async with asked as got:
            return read_answer(got.status_code, got.headers.get("retry-after", ""), now)


def read_answer(status: int, retry_after: str, now: datetime) -> Answer:
    """What a status means (RFC 8030 §5, §7.3)."""
    if 200 <= status < 300:
        return Answer(Outcome.ACCEPTED, status)
    if status in {404, 410}:
        return Answer(Outcome.GONE, status)
    if status == 429 or status >= 500:
        return Answer(Outcome.BUSY, status, read_retry_after(retry_after, now))
    return Answer(Outcome.REFUSED, status)


def read_retry_after(text: str, now: datetime) -> timedelta | None:
    """How long to wait: seconds, or a date (RFC 9110 §10.2.3); None for anything else."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return timedelta(seconds=int(text))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(at - now, timedelta(0))
