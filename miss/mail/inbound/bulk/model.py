"""What tells a circular from a letter.  Pure.

APICRYPT's charter forbids mass mail, and its operator intercepts it by hand; here the sender is told at once.  Of
bodies only digests are compared.  Source: RFC 2369, RFC 2919 (List-*), RFC 2076 §3.9 (Precedence), sources of the
charter of secure health mail.
"""

import re
from hashlib import blake2b
from typing import Final

from miss.mail.headers import Headers, value_of, values_of
from miss.mail.inbound.bulk.errors import BulkMail, TooManyAddressees
from miss.mail.inbound.model import InboundMail

MAX_ADDRESSEES: Final = 20
"""Named in To and Cc: a letter to a whole care team has fewer."""
MAX_ALIKE: Final = 5
"""Mails of one sender that say the same, in a day."""

_LIST_HEADERS: Final = ("List-Id", "List-Unsubscribe", "List-Post", "List-Help")
_BULK: Final = ("bulk", "junk", "list")
_ADDRESS: Final = re.compile(r"[^\s<>,;:\"()@]+@[^\s<>,;:\"()@]+")


def require_letter(headers: Headers) -> None:
    """Raises BulkMail for what a list or a mailing program sent, TooManyAddressees."""
    for name in _LIST_HEADERS:
        if values_of(headers, name):
            raise BulkMail(sign=name)
    if value_of(headers, "Precedence").strip().lower() in _BULK:
        raise BulkMail(sign="Precedence")
    named = ", ".join((*values_of(headers, "To"), *values_of(headers, "Cc")))
    if len(set(_ADDRESS.findall(named.lower()))) > MAX_ADDRESSEES:
        raise TooManyAddressees(limit=MAX_ADDRESSEES)


def digest_of(mail: InboundMail) -> bytes | None:
    """Of what a mail says and brings, not of its headers; None if it says nothing (a template asked for).

    Two letters about two patients differ; so do the same words with other photographs.
    """
    words = " ".join(mail.text.split())
    if not words and not mail.attachments:
        return None
    digest = blake2b(words.encode("utf-8", "replace"), digest_size=32, person=b"miss mail bulk")
    for attachment in mail.attachments:
        digest.update(blake2b(attachment.content, digest_size=32).digest())
    return digest.digest()
