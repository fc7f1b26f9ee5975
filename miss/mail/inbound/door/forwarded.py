"""`XFORWARD`: the Postfix in front of us says on whose behalf it speaks.  Pure.

Source: Postfix XFORWARD_README (attributes in xtext, RFC 3461 §4; `[UNAVAILABLE]`, `[TEMPUNAVAIL]`; IPv6 addresses
begin with `IPv6:`).  XCLIENT is not offered: it stands for the client in access decisions, which are that Postfix's.
"""

import re
from ipaddress import ip_address
from typing import Final

ATTRIBUTES: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "SOURCE")

_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")


class ForwardMalformed(ValueError):
    """Not what Postfix writes."""


def parse_forwarded(argument: str) -> str | None:
    """The client's IP address; None if this line does not tell it.  Raises ForwardMalformed."""
    found = None
    for word in argument.split():
        name, equals, value = word.partition("=")
        if not equals or name.upper() not in ATTRIBUTES:
            raise ForwardMalformed(name)
        if name.upper() == "ADDR":
            found = _address(_XTEXT.sub(lambda match: chr(int(match[1], 16)), value))
    return found


def _address(value: str) -> str:
    """An address as we compare it; empty if Postfix does not know it (a local client)."""
    if value.upper() in ("[UNAVAILABLE]", "[TEMPUNAVAIL]"):
        return ""
    bare = value[5:] if value.upper().startswith("IPV6:") else value
    try:
        return str(ip_address(bare))
    except ValueError:
        raise ForwardMalformed("ADDR") from None
