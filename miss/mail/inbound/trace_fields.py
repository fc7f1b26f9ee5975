"""What the last servers on the way wrote above a mail: no part of it.  Pure.

A mail that is brought again, because its sender did not hear our 250, comes with another `Received` of our own Postfix.
Without those lines it is the same mail, and is kept once.  Source: RFC 5321 §4.4, RFC 8601 §4.
"""

import re
from typing import Final

_TRACE: Final = re.compile(
    rb"(?:(?:Received|Return-Path|Authentication-Results|Delivered-To|X-Original-To|X-Spam[!-9;-~]*)[ \t]*:"
    rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)",
    re.IGNORECASE,
)


def without_trace(content: bytes) -> bytes:
    """The mail from its first field that is not a trace.  `content`: lines end with CRLF."""
    end = 0
    while (field := _TRACE.match(content, end)) is not None:
        end = field.end()
    return content[end:]
