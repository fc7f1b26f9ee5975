"""Which versions of this program there are, by a list that its publisher has signed.  Pure but for `read_release_key`.

    {"signed": base64 of the JSON below, "signature": base64, Ed25519 over "MiSS1 desktop-releases" ‖ 0 ‖ signed}
    {"sequence": 3, "issued_at": …, "expires_at": …, "releases": [{"version": "0.2.0", "page": "https://…",
     "is_security": true}]}

Whoever serves the list cannot change it (signature), nor show an old one for ever (`expires_at`), nor go back to one
from before (`sequence`).  Only a later version than this one is told, and nothing is ever fetched or installed.  The
key comes with the package (deploy/desktop/build.py --release-key); a checkout has none, and asks nobody.  ADR 53
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from nacl.signing import SigningKey

from clients.desktop.state.model import Release
from miss.base.errors import MissError
from miss.base.text import Text
from miss.protocol.crypto.primitives import KEY_BYTES, sign, verify

LABEL: Final = "desktop-releases"
MAX_BYTES: Final = 64 * 1024
MAX_CLOCK_AHEAD: Final = timedelta(days=1)
"""A list from further in the future was made by another clock, or not by its publisher."""
KEY_FILE: Final = Path(__file__).with_name("release-key.txt")
_VERSION: Final = re.compile(r"\d{1,5}(\.\d{1,5}){1,3}")


class ReleasesRefused(MissError):
    """A list of versions that cannot be believed; `reason` is `format`, `signature`, `expired`, `future` or `older`."""

    code = "desktop_releases_refused"
    text = Text(
        fr="La liste des versions de MiSS que donne ce serveur n’est pas authentique ({reason}). Rien n’est installé ; "
        "prévenez votre service informatique.",
        en="The list of versions of MiSS that this server gives is not genuine ({reason}). Nothing is installed; tell "
        "your IT department.",
    )


class _Listed(msgspec.Struct, forbid_unknown_fields=False):
    version: str
    page: str = ""
    is_security: bool = False


class _Signed(msgspec.Struct, forbid_unknown_fields=False):
    sequence: int
    issued_at: datetime
    expires_at: datetime
    releases: list[_Listed]


class _Envelope(msgspec.Struct):
    signed: str
    signature: str


@dataclass(frozen=True, slots=True)
class Releases:
    """A list that was believed."""

    sequence: int
    releases: tuple[Release, ...]

    def newer_than(self, version: str) -> Release | None:
        """The latest version after `version`; it counts as security if any of those between does."""
        later = sorted((one for one in self.releases if _rank(one.version) > _rank(version)), key=_by_rank)
        if not later:
            return None
        return Release(later[-1].version, later[-1].page, any(one.is_security for one in later))


def parse_releases(content: bytes, public: bytes, now: datetime, least_sequence: int = 0) -> Releases:
    """The list in `content`, if the owner of `public` signed it and it holds at `now`.

    `least_sequence`: of the last list that was believed.  Raises ReleasesRefused.
    """
    if len(content) > MAX_BYTES:
        raise ReleasesRefused(reason="format")
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
        signed = base64.b64decode(envelope.signed, validate=True)
        signature = base64.b64decode(envelope.signature, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        raise ReleasesRefused(reason="format") from None
    if not verify(public, LABEL, signed, signature):
        raise ReleasesRefused(reason="signature")
    try:
        said = msgspec.json.decode(signed, type=_Signed)
        releases = tuple(_checked(one) for one in said.releases)
        is_expired, is_early = now >= said.expires_at, said.issued_at > now + MAX_CLOCK_AHEAD
    except (msgspec.MsgspecError, ValueError, TypeError):  # TypeError: an instant without its zone
        raise ReleasesRefused(reason="format") from None
    if is_expired or is_early:
        raise ReleasesRefused(reason="expired" if is_expired else "future")
    if said.sequence < least_sequence:
        raise ReleasesRefused(reason="older")
    return Releases(said.sequence, releases)


def compose_releases(signed: dict[str, Any], key: SigningKey) -> bytes:
    """What a publisher hands to servers: `signed` under their key.  deploy/desktop/releases.py"""
    content = msgspec.json.encode(signed)
    signature = sign(key, LABEL, content)
    return msgspec.json.format(
        msgspec.json.encode(_Envelope(base64.b64encode(content).decode(), base64.b64encode(signature).decode()))
    )


def installed_version() -> str:
    """Of this program."""
    from importlib.metadata import version  # takes a moment, which the start does not have

    return version("miss")


def read_release_key(path: Path = KEY_FILE) -> bytes | None:
    """The publisher's public key that came with this package, 32 bytes in hexadecimal; None: there is none."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _checked(listed: _Listed) -> Release:
    if not _VERSION.fullmatch(listed.version) or (listed.page and not listed.page.startswith("https://")):
        raise ValueError("not a release")
    return Release(listed.version, listed.page, listed.is_security)


def _rank(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d+", version)[:4]]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _by_rank(release: Release) -> tuple[int, ...]:
    return _rank(release.version)
