"""Mail addresses, strictly: one mailbox or a named error.

`email.utils.parseaddr` is not used: before Python 3.11.10 it reads `alice@example.org)bob@example.com` as alice
(CVE-2023-27043), which would let an unknown sender pass for a known one.  Quoted local parts, comments, groups, routes
and address literals are refused: no secure mailbox has them.

Source: RFC 5321 §4.1.2 (Mailbox), RFC 5322 §3.4 (mailbox), RFC 3490 (IDNA).
"""

import re
from dataclasses import dataclass

from miss.mail.errors import AddressMalformed, DisplayNameMisleading
from miss.mail.headers import decode_words, encode_words, has_control, is_misleading

LOCAL_CHARS, DOMAIN_CHARS, HEADER_CHARS = 64, 253, 1_000

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_NAMED = re.compile(r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"[ \t]*|(?P<plain>[^<>@,;:"\\]*))<(?P<address>[^<>\s]*)>')
_NO_REPLY = re.compile(
    r"(?:^|[._+-])(?:no[._-]?reply|do[._-]?not[._-]?reply|ne[._-]?pas[._-]?(?:y[._-]?)?repondre|sans[._-]?reponse"
    r"|no[._-]?reponse|noanswer|mailer-daemon|bounces?)(?:$|[._+-]|[0-9])"
)


@dataclass(frozen=True, slots=True, order=True)
class MailAddress:
    """`local@domain`, both as compared: RFC 5321 lets a local part be case-sensitive, no mail system relies on it."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name shown beside it (may be empty)."""

    address: MailAddress
    display_name: str = ""


def parse_address(text: str, field: str = "address") -> MailAddress:
    """A bare address, in lower case, its domain in ASCII (IDNA).  Raises AddressMalformed naming `field`."""
    local, at, domain = text.strip(" ").rpartition("@")
    if not at or len(local) > LOCAL_CHARS or len(domain) > DOMAIN_CHARS or _LOCAL.fullmatch(local) is None:
        raise AddressMalformed(field=field)
    try:
        ascii_domain = domain.lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressMalformed(field=field) from None
    if len(ascii_domain) > DOMAIN_CHARS or _DOMAIN.fullmatch(ascii_domain) is None:
        raise AddressMalformed(field=field)
    return MailAddress(local.lower(), ascii_domain)


def parse_mailbox(value: str, field: str = "From") -> Mailbox:
    """Exactly one mailbox, from a header value that may hold encoded words.

    Raises AddressMalformed, or DisplayNameMisleading when the name shows an address other than the mailbox's own, or
    characters that hide or reorder it.
    """
    text = value.strip(" \t")
    if len(text) > HEADER_CHARS or "\r" in text or "\n" in text or "\0" in text:
        raise AddressMalformed(field=field)
    if "<" not in text:
        return Mailbox(parse_address(text, field))
    form = _NAMED.fullmatch(text)
    if form is None:
        raise AddressMalformed(field=field)
    address = parse_address(form["address"], field)
    shown = re.sub(r"\\(.)", r"\1", form["quoted"]) if form["quoted"] is not None else form["plain"]
    name = decode_words(shown)
    if name.lower() == str(address):
        return Mailbox(address)
    if is_misleading(name) or any(char in name for char in "@＠﹫<>"):
        raise DisplayNameMisleading(field=field)
    return Mailbox(address, name)


def compose_mailbox(mailbox: Mailbox) -> str:
    """The mailbox as header text, in ASCII: `"Dr. MODELE, Anne" <a@b.example>`.  Control characters: caller's duty."""
    name = mailbox.display_name
    if not name:
        return str(mailbox.address)
    encoded = encode_words(name)
    if encoded == name:
        encoded = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{encoded} <{mailbox.address}>"


def is_no_reply(address: MailAddress) -> bool:
    """True if the local part says that nobody reads answers: `no-reply`, `ne-pas-repondre`, `mailer-daemon`…"""
    return _NO_REPLY.search(address.local) is not None


def require_mailbox(mailbox: Mailbox, field: str) -> Mailbox:
    """The mailbox, if what it holds could have been parsed.  Raises AddressMalformed, DisplayNameMisleading."""
    if parse_address(str(mailbox.address), field) != mailbox.address:
        raise AddressMalformed(field=field)
    if has_control(mailbox.display_name) or is_misleading(mailbox.display_name):
        raise DisplayNameMisleading(field=field)
    return mailbox
