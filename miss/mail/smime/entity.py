"""A mail and the MIME entity inside it: what is signed, what is encrypted, what stays outside.  Bytes to bytes, pure.

The signature covers the headers that matter as well as the text (RFC 9788): they are repeated at the head of the
signed entity, whose Content-Type says so (`hp`).  An encrypted mail shows `[...]` for its subject; readers that know
RFC 9788 show the one inside.  Nothing here is parsed by `email` on the way out, and on the way in a signed part is cut
out of the mail as the bytes that came: a part that is taken apart and written again no longer fits its signature.

Sources: RFC 1847 §2.1 (multipart/signed), RFC 8551 §3, RFC 9788 §2 and §4.
"""

import re
from base64 import b64decode, encodebytes
from binascii import a2b_qp
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from enum import StrEnum
from hashlib import sha256
from typing import Final

from miss.mail.smime.model import Unreadable

HIDDEN_SUBJECT: Final = "[...]"
"""RFC 9788 §3.2.1 (`hcp_baseline`)."""
MAX_LAYERS: Final = 3
"""Encrypted, signed, and one more around: nothing that is meant has more."""

_CONTENT: Final = ("content-type", "content-transfer-encoding", "content-disposition", "mime-version", "content-id")
_PROTECTED: Final = ("from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references")
_FIELD: Final = re.compile(rb"[!-9;-~]+:(?:[^\r\n]|\r\n[ \t])*\r\n")
_HEAD_END: Final = b"\r\n\r\n"


class Layer(StrEnum):
    """What an entity is to S/MIME."""

    CLEAR = "clear"
    DETACHED = "multipart/signed"
    OPAQUE = "signed-data"
    ENVELOPED = "enveloped-data"


@dataclass(frozen=True, slots=True, repr=False)
class Split:
    """A mail's headers, those of its content apart, and its body.  Fields are whole: `name: value\\r\\n`, folded."""

    outer: tuple[bytes, ...]
    content: tuple[bytes, ...]
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class SignedParts:
    """A multipart/signed: the very bytes that are signed, and the signature (DER)."""

    entity: bytes
    signature: bytes


def split(raw: bytes) -> Split:
    """Cut a mail.  Raises Unreadable for lines that are no header fields."""
    head, found, body = (b"\r\n" + raw).partition(_HEAD_END)
    fields = _fields(head[2:] + b"\r\n") if found else _fields(raw)
    is_content = [_name(field) in _CONTENT for field in fields]
    return Split(
        tuple(field for field, inside in zip(fields, is_content, strict=True) if not inside),
        tuple(field for field, inside in zip(fields, is_content, strict=True) if inside),
        body,
    )


def payload(raw: bytes, *, hides_subject: bool) -> tuple[Split, bytes]:
    """The entity to sign of a composed mail, headers repeated in it, and the mail's parts.

    `hides_subject`: it will be encrypted; what the outside will show is written down inside (`HP-Outer`).
    """
    parts = split(raw)
    protected = [field for field in parts.outer if _name(field) in _PROTECTED]
    shown = [b"HP-Outer: " + field for field in _outside(parts.outer)] if hides_subject else []
    word = b"cipher" if hides_subject else b"clear"
    content = [
        field.removesuffix(b"\r\n") + b';\r\n hp="' + word + b'"\r\n' if _name(field) == "content-type" else field
        for field in parts.content
        if _name(field) != "mime-version"
    ]
    return parts, b"".join([*protected, *shown, *content, b"\r\n", parts.body])


def signed_entity(entity: bytes, signature: bytes) -> bytes:
    """multipart/signed: its own Content-Type, then both parts."""
    boundary = f"=_{sha256(signature).hexdigest()[:32]}".encode()  # `=_` is in no part: RFC 2045 §6.7
    return (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
        b' micalg=sha-256; boundary="' + boundary + b'"\r\n\r\n'
        b"--" + boundary + b"\r\n" + entity + b"\r\n--" + boundary + b"\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=smime.p7s\r\n\r\n"
        + _lines(signature)
        + b"--"
        + boundary
        + b"--\r\n"
    )


def enveloped_entity(content: bytes) -> bytes:
    """application/pkcs7-mime around an enveloped-data (DER)."""
    return (
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n name=smime.p7m\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=smime.p7m\r\n\r\n" + _lines(content)
    )


def around(parts: Split, entity: bytes, *, hides_subject: bool) -> bytes:
    """The mail: its outer headers, then the protected entity."""
    outer = _outside(parts.outer) if hides_subject else parts.outer
    return b"".join([*outer, b"MIME-Version: 1.0\r\n", entity])


def unwrapped(raw: bytes, entity: bytes) -> bytes:
    """The mail `raw` as it was meant: what was repeated inside, and covered, takes the place of what came outside.

    Without `hp`, the outer headers stay and the entity only brings its content.
    Raises Unreadable for an entity whose head is no header.
    """
    outside, inside = split(raw), split(entity)
    protects = any(b"hp=" in field.lower() for field in inside.content if _name(field) == "content-type")
    covered = [field for field in inside.outer if _name(field) in _PROTECTED] if protects else []
    names = {_name(field) for field in covered}
    hidden = {"subject"} if protects else set()
    kept = [field for field in outside.outer if _name(field) not in names | hidden]
    content = [field for field in inside.content if _name(field) != "mime-version"]
    return b"".join([*kept, *covered, b"MIME-Version: 1.0\r\n", *content, b"\r\n", inside.body])


def is_report(raw: bytes) -> bool:
    """A delivery or disposition report (RFC 6522): programs look for it at the top of a mail, and for nothing else."""
    return _parsed_head(raw).get_content_type() == "multipart/report"


def layer_of(entity: bytes) -> Layer:
    """What to do with an entity (or a mail).  Raises Unreadable."""
    head = _parsed_head(entity)
    kind = head.get_content_type()
    if kind == "multipart/signed":
        protocol = str(head.get_param("protocol") or "").lower()
        return Layer.DETACHED if protocol in _types("signature") else Layer.CLEAR
    if kind not in _types("mime"):
        return Layer.CLEAR
    declared = str(head.get_param("smime-type") or "").lower()
    if declared == Layer.OPAQUE:
        return Layer.OPAQUE
    if declared in ("", Layer.ENVELOPED, "authenveloped-data"):
        return Layer.ENVELOPED
    return Layer.CLEAR


def encoded_content(entity: bytes) -> bytes:
    """The CMS bytes (DER) that an application/pkcs7-* part holds.  Raises Unreadable."""
    encoding = str(_parsed_head(entity).get("Content-Transfer-Encoding", "7bit")).strip().lower()
    _, _, body = (b"\r\n" + entity).partition(_HEAD_END)
    try:
        if encoding == "base64":
            return b64decode(body)
        return a2b_qp(body) if encoding == "quoted-printable" else body
    except ValueError:
        raise Unreadable from None


def signed_parts(entity: bytes) -> SignedParts:
    """The two parts of a multipart/signed, the first as it came.  Raises Unreadable."""
    boundary = _parsed_head(entity).get_boundary()
    if not boundary or not boundary.isascii():
        raise Unreadable
    _, _, body = (b"\r\n" + entity).partition(_HEAD_END)
    pieces = re.split(rb"\r\n--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?=\r\n|\Z)", b"\r\n" + body)
    if len(pieces) != 4:  # before, both parts, after: another part would be one that nobody signed
        raise Unreadable
    first, second = pieces[1].removeprefix(b"\r\n"), pieces[2].removeprefix(b"\r\n")
    if _parsed_head(second).get_content_type() not in _types("signature"):
        raise Unreadable
    return SignedParts(first, encoded_content(second))


def _outside(outer: tuple[bytes, ...]) -> list[bytes]:
    """The headers of an encrypted mail: all that carry it, and no subject."""
    hidden = f"Subject: {HIDDEN_SUBJECT}\r\n".encode()
    return [hidden if _name(field) == "subject" else field for field in outer]


def _fields(head: bytes) -> list[bytes]:
    fields = _FIELD.findall(head)
    if sum(map(len, fields)) != len(head):
        raise Unreadable
    return fields


def _name(field: bytes) -> str:
    return field.partition(b":")[0].decode("ascii").lower()


def _parsed_head(entity: bytes) -> Message:
    head, _, _ = (b"\r\n" + entity).partition(_HEAD_END)
    return BytesHeaderParser(policy=compat32).parsebytes(head[2:] + b"\r\n\r\n")


def _types(word: str) -> tuple[str, str]:
    return f"application/pkcs7-{word}", f"application/x-pkcs7-{word}"


def _lines(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")
