"""One-time codes (RFC 6238) and recovery codes.  Pure: the instant and the randomness are handed in."""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from miss.base.ids import AccountId
from miss.directory.accounts.codes import normalise_code

SECRET_BYTES = 20
"""RFC 4226 §4, R6: 160 bits."""
DIGITS = 6
WINDOW = 1
"""Codes of the half minute before and after are taken as well: phones' clocks differ (RFC 6238 §5.2)."""
RECOVERY_CODES = 10
ISSUER = "MiSS"


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has besides its password."""

    totp_since: datetime | None
    passkeys: int
    recovery_codes_left: int

    @property
    def any(self) -> bool:
        """A password alone does not sign in."""
        return self.totp_since is not None or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """What an application has to know, shown once."""

    step_token: str
    secret: str
    """Base 32, in groups of four, for who cannot scan."""
    picture: str
    """A QR code as an SVG data address."""


def compose_offer(step_token: str, secret: bytes, name: str) -> TotpOffer:
    """`name`: of the account, as the application shows it."""
    text = b32encode(secret).decode()
    uri = pyotp.TOTP(text).provisioning_uri(name=name, issuer_name=ISSUER)
    picture = segno.make(uri, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#ffffff", dark="#000000")
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return TotpOffer(step_token, groups, picture)


def find_counter(secret: bytes, code: str, now: datetime) -> int | None:
    """The half minute whose code this is; None if it is none of those around `now`."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(b32encode(secret).decode())
    current = totp.timecode(now)
    found = None
    # All of them are compared, so that the time taken tells nothing.
    for counter in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(counter).encode(), digits.encode("utf-8", "replace")):
            found = counter
    return found


def looks_like_totp(code: str) -> bool:
    """True for digits as many as an application shows; else it is read as a recovery code."""
    normal = normalise_code(code)
    return len(normal) == DIGITS and normal.isdigit()


def hash_recovery_code(code: str, salt: bytes, uid: AccountId) -> bytes:
    """What is kept of a code: 60 random bits need no slow hash (see `miss.directory.accounts.codes`)."""
    message = uid + normalise_code(code).encode()
    return hashlib.blake2b(message, digest_size=32, salt=salt, person=b"miss.recovery").digest()


def find_recovery_code(code: str, uid: AccountId, kept: Collection[tuple[bytes, bytes]]) -> bytes | None:
    """The digest, among (salt, digest) pairs, of which this is the code."""
    found = None
    for salt, digest in kept:
        if hmac.compare_digest(digest, hash_recovery_code(code, salt, uid)):
            found = digest
    return found
