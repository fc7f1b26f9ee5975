"""XML from strangers: everything dangerous is refused by name before a tree is built (ADR 42).

Refused: a document type (so no entity, no external file, no billion laughs), any encoding that is not a superset of
ASCII, nesting beyond libxml2's 256 levels, more bytes or more markup than allowed.  Nothing is fetched, no schema is
loaded, no stylesheet is run: processing instructions are dropped unread.
"""

import re
from typing import Final

from lxml import etree

from miss.documents.errors import XmlRefused

MAX_BYTES: Final = 16 * 1024 * 1024
"""A PDF of 10 MB in base64, and its header; libxml2 takes 10 million characters in one element anyway."""
MAX_MARKUP: Final = 200_000
"""Tags, and attributes: each costs a hundred bytes of memory where it may take four in the file."""

_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = etree._Element


def parse_xml(data: bytes, *, max_bytes: int = MAX_BYTES) -> Element:
    """The root element.

    Raises XmlRefused; its `reason` is one of `size`, `encoding`, `doctype`, `markup`, `depth`, `syntax`.
    """
    if len(data) > max_bytes:
        raise XmlRefused(reason="size")
    start = data.removeprefix(_UTF8_MARK)[:512].lstrip()
    declared = _DECLARED.match(start)
    if start[:1] != b"<" or b"\0" in start or (declared and declared[1].decode().lower() not in _ENCODINGS):
        raise XmlRefused(reason="encoding")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise XmlRefused(reason="doctype")
    if data.count(b"<") > MAX_MARKUP or data.count(b"=") > MAX_MARKUP:
        raise XmlRefused(reason="markup")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise XmlRefused(reason="depth" if "depth" in str(error).lower() else "syntax") from None
    finally:
        # libxml2 keeps what was wrong, with the line it stood in: health data have no place in a global.
        etree.clear_error_log()


def serialize(root: Element) -> bytes:
    """UTF-8 with its declaration; the same bytes for the same tree."""
    return _HEAD + etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def writable(text: str) -> str:
    """`text` with a space for each character that XML 1.0 cannot carry (§2.2)."""
    return _FORBIDDEN.sub(" ", text)
