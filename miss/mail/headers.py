"""Header text: RFC 2047 words in both directions, and the characters that no header may hold.

Reading never fails: a word in an unknown charset is shown as it came.  Writing always yields ASCII.
"""

import binascii
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from miss.documents.charset import decode_guessing, decode_text
from miss.mail.errors import HeaderInjection, MailTooComplex, MailUnreadable

Headers = tuple[tuple[str, str], ...]
"""Header fields in order: name as written, value unfolded, not decoded."""

MAX_HEADER_LINES = 5_000
"""In a whole mail, parts included, with the lines of text that look like headers."""

_HEADER_LINE = re.compile(rb"^[!-9;-~]+:", re.MULTILINE)
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=)")
_WORD_BYTES = 42
"""Bytes in one encoded word: 56 characters of base64 and `=?utf-8?b??=` stay under 75 (RFC 2047 §2)."""
_WORD_CHARS = 70
"""A longer word could not be folded into a line of ordinary length."""
_MISLEADING = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def parse_headers(raw: bytes) -> Headers:
    """The header fields of a mail, for `miss.mail.rules`.  Raises MailTooComplex, MailUnreadable."""
    require_few_headers(raw)
    try:
        return headers_of(BytesHeaderParser(policy=compat32).parsebytes(raw))
    except Exception as error:  # email raises many kinds on hostile bytes; none is worth telling apart
        raise MailUnreadable(reason=type(error).__name__) from None


def headers_of(message: Message) -> Headers:
    """The fields of a message that `email` has parsed under `compat32`."""
    return unfolded((name, str(value)) for name, value in message.raw_items())


def unfolded(fields: Iterable[tuple[str, str]]) -> Headers:
    """Header fields as written, each on one line."""
    return tuple((name, re.sub(r"[\r\n]+(?=[ \t])", "", value)) for name, value in fields)


def require_few_headers(raw: bytes) -> None:
    """Counted before parsing: each header costs `email` far more memory than its bytes.  Raises MailTooComplex."""
    if sum(1 for _ in _HEADER_LINE.finditer(raw)) > MAX_HEADER_LINES:
        raise MailTooComplex(what="headers", limit=MAX_HEADER_LINES)


def values_of(headers: Headers, name: str) -> tuple[str, ...]:
    """Every value of the fields called `name`, whatever the case."""
    return tuple(value for known, value in headers if known.lower() == name.lower())


def value_of(headers: Headers, name: str) -> str:
    """The first value, or an empty text."""
    return next(iter(values_of(headers, name)), "")


def has_control(text: str) -> bool:
    """True if `text` holds a control character (CR, LF, NUL, C1…), a Unicode line break or a lone surrogate."""
    return any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text)


def is_misleading(text: str) -> bool:
    """True if `text` holds characters that reorder or hide what is shown."""
    return any(char in _MISLEADING for char in text)


def require_one_line(text: str, field: str) -> str:
    """`text`, if it may stand in a header.  Raises HeaderInjection."""
    if has_control(text):
        raise HeaderInjection(field=field)
    return text


def decode_words(value: str) -> str:
    """A header value as a person reads it, on one line.

    Raw 8-bit bytes (surrogates, as `email` hands them over) are guessed first; then encoded words are decoded, the
    space between two of them being dropped (RFC 2047 §6.2); then control characters become spaces.
    """
    text = decode_guessing(value.encode("utf-8", "surrogateescape")).text if _has_surrogate(value) else value
    text = _WORD.sub(_decode_word, _BETWEEN_WORDS.sub("", text))
    return re.sub(" +", " ", "".join(" " if has_control(char) else char for char in text)).strip(" ")


def _has_surrogate(value: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in value)


def _decode_word(word: re.Match[str]) -> str:
    charset, encoding, payload = word.groups()
    try:
        if encoding in "bB":
            data = b64decode(payload + "=" * (-len(payload) % 4))
        else:
            data = binascii.a2b_qp(payload.replace("_", " "), header=True)
    except ValueError:
        return word[0]
    return decode_text(data, charset).text


def encode_words(text: str) -> str:
    """`text` as it may stand in an unstructured header: itself if plain ASCII, otherwise RFC 2047 words.

    A text that only looks like an encoded word is encoded too, so that reading gives it back.
    """
    if text.isascii() and "=?" not in text and all(len(word) <= _WORD_CHARS for word in text.split(" ")):
        return text
    words: list[bytes] = [b""]
    for char in text:
        encoded = char.encode("utf-8")
        if len(words[-1]) + len(encoded) > _WORD_BYTES:
            words.append(b"")
        words[-1] += encoded
    return " ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
