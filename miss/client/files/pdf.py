"""PDF files, checked by their content and not by their name.  ISO 32000-1 §7.5

Nothing is changed: a signed letter has to arrive as it was signed.  Nothing else is checked either: whoever opens
the file is to do it in a viewer that runs no scripts.
"""

import re
import unicodedata
from typing import Final

from miss.client.errors import FileDamaged, FileNotSupported, FileTooLarge
from miss.protocol.crypto.attachments import blob_bytes
from miss.protocol.limits import MAX_BLOB_BYTES

MIME: Final = "application/pdf"
MAX_NAME_CHARS: Final = 120
_HEADER: Final = re.compile(rb"%PDF-[12]\.[0-9]")
_HEADER_WITHIN: Final = 1024
_END: Final = b"%%EOF"
_END_WITHIN: Final = 2048


def check_pdf(content: bytes, name: str) -> str:
    """The name to send the file under.  Raises FileTooLarge, FileNotSupported, FileDamaged."""
    shown = clean_name(name)
    if blob_bytes(len(content)) > MAX_BLOB_BYTES:
        raise FileTooLarge(name=shown, size_bytes=len(content), max_bytes=MAX_BLOB_BYTES)
    if not _HEADER.search(content[:_HEADER_WITHIN]):
        raise FileNotSupported(name=shown)
    if _END not in content[-_END_WITHIN:]:
        raise FileDamaged(name=shown)
    return shown


def clean_name(name: str) -> str:
    """The last part of a path, without anything a screen or a disk could be misled by."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip(" .")
    return plain[-MAX_NAME_CHARS:] or "document.pdf"
