"""Whether a mail is from whom it says, and who is asked for what proof.  Pure.

A request is taken only if it is proved (security.md §2, row 20): by the sender's own S/MIME signature; by the client
certificate of an operator who answers for the sender's domain; or by DMARC or aligned DKIM, checked by a server whose
word the operator of this platform takes.  Envelope, header and directory have agreed before (`miss.mail.rules`).

Source: RFC 7489 §3.1 (alignment), RFC 8601 §5 and §7.1 (forged statements).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from miss.mail.addresses import MailAddress
from miss.mail.headers import Headers
from miss.mail.inbound.authentication.results import (
    MethodResult,
    Statement,
    statements,
    statements_above_received,
)


class Believed(StrEnum):
    """Whose statements count, of those that a mail bears."""

    NOTHING = "nothing"
    """It came straight from somebody we know nothing of."""
    ABOVE_RECEIVED = "above_received"
    """It came through our own Postfix: what that one wrote stands above its own Received."""
    TOPMOST = "topmost"
    """It came from a server that removes forged statements, as RFC 8601 §5 asks: its own is the first."""


@dataclass(frozen=True, slots=True)
class Via:
    """The way a mail came in."""

    client: str = ""
    """IP address of the server that brought it, as far as we know it."""
    believed: Believed = Believed.NOTHING


class Proof(StrEnum):
    """What says who wrote a mail; kept as its trace."""

    NONE = ""
    SMIME = "smime"
    OPERATOR = "operator"
    DMARC = "dmarc"
    DKIM = "dkim"


class Signing(StrEnum):
    """Who must sign."""

    ACCEPTED = "accepted"
    """Nobody; a signature counts as proof."""
    DECLARED = "declared"
    """Whoever the directory holds a certificate of."""
    REQUIRED = "required"
    """Everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom this platform believes."""

    proof_required: bool = False
    signing: Signing = Signing.ACCEPTED
    authserv_id: str = ""
    """The name under which our servers write statements; empty: nobody's are believed."""
    operators: Mapping[str, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))
    """The domains that each operator answers for, by the name that Postfix gives its certificate."""

    def find_proof(self, headers: Headers, sender: MailAddress, via: Via) -> Proof:
        """The best proof that the servers on the way give for `sender`."""
        given = {self._proof(result, sender) for statement in self._told(headers, via) for result in statement.results}
        return next((proof for proof in (Proof.OPERATOR, Proof.DMARC, Proof.DKIM) if proof in given), Proof.NONE)

    def _told(self, headers: Headers, via: Via) -> Iterable[Statement]:
        if not self.authserv_id or via.believed is Believed.NOTHING:
            return ()
        if via.believed is Believed.ABOVE_RECEIVED:
            return (one for one in statements_above_received(headers) if one.authserv_id == self.authserv_id)
        mine = (one for one in statements(headers) if one.authserv_id == self.authserv_id)
        return [first] if (first := next(mine, None)) else ()

    def _proof(self, result: MethodResult, sender: MailAddress) -> Proof:
        if not result.passes:
            return Proof.NONE
        match result.method:
            case "x-tls-client":
                domains = self.operators.get(result.properties.get("policy.operator", ""), ())
                return Proof.OPERATOR if any(_covers(domain, sender.domain) for domain in domains) else Proof.NONE
            case "dmarc":
                return Proof.DMARC if _domain(result, "header.from") == sender.domain else Proof.NONE
            case "dkim":
                signed = _domain(result, "header.d")
                return Proof.DKIM if signed and _covers(signed, sender.domain) else Proof.NONE
        return Proof.NONE


def _domain(result: MethodResult, name: str) -> str:
    return result.properties.get(name, "").lower().rstrip(".")


def _covers(domain: str, of: str) -> bool:
    """Whether who answers for `domain` answers for `of`: the same, or a domain below it; never below a bare suffix."""
    return of == domain or ("." in domain and of.endswith(f".{domain}"))
