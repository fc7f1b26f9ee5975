"""MessagePack in its one canonical form, for everything that is hashed, signed or sealed.  protocol §3

Canonical: arrays only, no map, each integer, string and array header in its shortest form.  A signature covers the
bytes as sent; as other encodings of the same values are refused here, whoever takes the values apart and packs
them again (to leave one field out of a hash, say) gets the very bytes that were signed.  Frames of the wire are
not signed and are laxer: see `miss.protocol.wire.codec`.
"""

from typing import Generic, TypeVar

import msgspec

from miss.protocol.errors import ProtocolError, UnsupportedVersion

T = TypeVar("T", bound=msgspec.Struct)

_encoder = msgspec.msgpack.Encoder()

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not MessagePack of the wanted shape."""


class Signed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of the objects that are packed canonically; a field more or less is another version."""


def pack(value: object) -> bytes:
    """`value` in canonical MessagePack."""
    return _encoder.encode(value)


class Form(Generic[T]):
    """How one kind of object is read and written."""

    def __init__(self, type_: type[T], error: type[ProtocolError], max_bytes: int, version: int | None = None) -> None:
        """`error`: raised for what cannot be read.  `version`: what the first field has to be, if it is one."""
        self._decoder = msgspec.msgpack.Decoder(type_)
        self._error = error
        self._max_bytes = max_bytes
        self._version = version

    def parse(self, data: bytes) -> T:
        """The object packed in `data`.

        Raises the form's error for bytes that are too long, not canonical or not of this shape, and
        UnsupportedVersion if they announce a version this program does not know.
        """
        if len(data) > self._max_bytes:
            raise self._error(reason="too_long", size_bytes=len(data))
        if self._version is not None:
            self._check_version(data)
        try:
            value = self._decoder.decode(data)
        except UNREADABLE:
            # msgspec's sentence may quote the value, which may be plaintext: it stays out of the error.
            raise self._error(reason="malformed") from None
        if _encoder.encode(value) != data:
            raise self._error(reason="not_canonical")
        return value

    def compose(self, value: T) -> bytes:
        """`value`, packed.  Raises the form's error if the result would not be accepted by `parse`."""
        data = _encoder.encode(value)
        if self.parse(data) != value:
            raise self._error(reason="not_canonical")
        return data

    def _check_version(self, data: bytes) -> None:
        # The header of an array of up to 15 takes one byte, a small integer one byte: the version is data[1].
        if len(data) < 2 or not 0x90 < data[0] <= 0x9F:
            raise self._error(reason="malformed")
        if data[1] != self._version:
            if data[1] > 0x7F:
                raise self._error(reason="malformed")
            raise UnsupportedVersion(version=data[1], known=self._version)
