"""A raw mail's parts: MIME taken apart, transfer encodings undone, and nothing else.

Strangers' bytes meet Python's `email` here, in a process of its own (`sandbox`): this file is also that process, so it
imports nothing of ours.  What counts as a text or an attachment is said here; charsets, names and who wrote it are read
by `parse` from what comes back.  The `compat32` policy is chosen: the newer header objects raise on malformed values,
this one hands them over.

Source: RFC 2045-2046, RFC 2183; MSSanté mails as observed.
"""

import codecs
import json
import sys
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from io import BytesIO
from typing import Any, BinaryIO

MAX_PARTS = 100
MAX_DEPTH = 12
MAX_ATTACHMENTS = 40

MEMORY_BYTES = 1 << 30
CPU_S = 10

CHARSETS = ("utf-8", "latin-1", "cp1252", "iso8859-15", "ascii", "utf-16", "mac-roman", "raw-unicode-escape")
"""Loaded before the limits: those that file names are declared in, and the one that `email` reads them by."""

_BLANK = b" \t\r\n\0\xa0\xc2"
"""What a text without words consists of, the no-break space of two charsets included."""


class PartsRefused(Exception):
    """`what`: `parts`, `depth` or `attachments`, of which there are more than `limit`; `unreadable`: no limit."""

    def __init__(self, what: str, limit: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds no other."""

    is_text: bool
    """Words of the mail itself; else an attachment."""
    mime_type: str
    name: str
    """As declared, encoded words and all."""
    charset: str
    content: bytes


@dataclass(slots=True)
class Apart:
    """A mail, taken apart."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    """As written, folds and all; bytes that are no ASCII are surrogates."""
    texts: list[Leaf] = field(default_factory=list)
    attachments: list[Leaf] = field(default_factory=list)
    parts: int = 0


def take_apart(raw: bytes) -> Apart:
    """The mail's headers and leaves, in order.  Raises PartsRefused."""
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        apart = Apart([(name, str(value)) for name, value in message.raw_items()])
        _gather(message, apart, depth=0)
    except PartsRefused:
        raise
    except RecursionError:
        raise PartsRefused("depth", MAX_DEPTH) from None
    except Exception:  # email raises many kinds on hostile bytes; none is worth telling apart
        raise PartsRefused("unreadable") from None
    return apart


def _gather(part: Message, apart: Apart, depth: int) -> None:
    apart.parts += 1
    if apart.parts > MAX_PARTS:
        raise PartsRefused("parts", MAX_PARTS)
    if depth > MAX_DEPTH:
        raise PartsRefused("depth", MAX_DEPTH)
    mime_type = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        _gather_multipart(_contained(part), mime_type, apart, depth)
        return
    name, declared = _declared(part)
    is_text = mime_type in ("text/plain", "text/html") and not name and part.get_content_disposition() != "attachment"
    if not is_text and len(apart.attachments) == MAX_ATTACHMENTS:
        raise PartsRefused("attachments", MAX_ATTACHMENTS)
    leaf = Leaf(is_text, mime_type, name, declared, _content_of(part))
    (apart.texts if is_text else apart.attachments).append(leaf)


def _gather_multipart(parts: list[Message], mime_type: str, apart: Apart, depth: int) -> None:
    """Each text counts, except that alternatives say the same: of those, a plain text is enough."""
    if mime_type != "multipart/alternative":
        for part in parts:
            _gather(part, apart, depth + 1)
        return
    found = Apart(attachments=apart.attachments, parts=apart.parts)
    for part in parts:
        _gather(part, found, depth + 1)
    apart.parts = found.parts
    plain = [text for text in found.texts if text.mime_type == "text/plain" and text.content.strip(_BLANK)]
    apart.texts += plain or found.texts


def _declared(part: Message) -> tuple[str, str]:
    """A leaf's file name and charset; empty if they are themselves in a charset that is not loaded (RFC 2231)."""
    try:
        charset = part.get_param("charset")
        return part.get_filename() or "", collapse_rfc2231_value(charset) if charset else ""
    except (OSError, LookupError):
        return "", ""


def _content_of(part: Message) -> bytes:
    """The bytes of a leaf; a contained message (forwarded mail, delivery report) is written out again."""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    written = BytesIO()
    for contained in _contained(part):
        BytesGenerator(written, mangle_from_=False, policy=compat32.clone(linesep="\r\n")).flatten(contained)
    return written.getvalue()


def _contained(part: Message) -> list[Message]:
    """The messages inside a part that `is_multipart`: never asked of a leaf, which `email` would try to decode."""
    return [one for one in part.get_payload() if isinstance(one, Message)]


def write_apart(apart: Apart) -> bytes:
    """For the way between processes: a line of JSON, then the leaves' contents one behind the other."""
    leaves = [*apart.texts, *apart.attachments]
    told = [(leaf.is_text, leaf.mime_type, leaf.name, leaf.charset, len(leaf.content)) for leaf in leaves]
    line = json.dumps({"headers": apart.headers, "leaves": told})
    return b"".join((line.encode("ascii"), b"\n", *(leaf.content for leaf in leaves)))


def read_apart(written: bytes) -> Apart:
    """What `write_apart` wrote."""
    line, _, contents = written.partition(b"\n")
    told: dict[str, list[Any]] = json.loads(line)
    apart = Apart([(name, value) for name, value in told["headers"]])
    end = 0
    for is_text, mime_type, name, charset, size in told["leaves"]:
        leaf = Leaf(is_text, mime_type, name, charset, contents[end : end + size])
        (apart.texts if is_text else apart.attachments).append(leaf)
        end += size
    return apart


def _limit_this_process() -> None:
    for charset in CHARSETS:
        codecs.lookup(charset)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Nothing more can be opened: no file, no socket.
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def main(source: BinaryIO, target: BinaryIO) -> None:
    """One mail from `source`; to `target` either `+` and its parts, or `-`, what there was too much of, the limit."""
    _limit_this_process()
    try:
        target.write(b"+" + write_apart(take_apart(source.read())))
    except PartsRefused as refused:
        target.write(f"-{refused.what} {refused.limit}".encode())
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
