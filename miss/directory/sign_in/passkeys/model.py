"""A passkey as it is kept.  Pure."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from miss.base.ids import AccountId

MAX_PASSKEYS = 20
MAX_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One key that verified its user when it was added."""

    credential_id: bytes
    uid: AccountId
    public_key: bytes
    """COSE."""
    sign_count: int
    """0 for keys that several devices share."""
    name: str
    added_at: datetime
    last_used_at: datetime | None
    is_backed_up: bool
    """Copied to the person's other devices by their maker's service."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A ceremony that the browser is to carry out."""

    step_token: str
    options: str
    """JSON: PublicKeyCredentialCreationOptionsJSON or …RequestOptionsJSON."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are for."""

    id: str
    """The host's name, without port."""
    origin: str

    @property
    def is_usable(self) -> bool:
        """Browsers make no passkeys for bare addresses (WebAuthn §5.1.3, step 7)."""
        try:
            ip_address(self.id)
        except ValueError:
            return True
        return False


def relying_party(origin: str) -> RelyingParty:
    """`origin`: scheme, host and port that people type."""
    return RelyingParty((urlsplit(origin).hostname or "").strip("[]"), origin)
