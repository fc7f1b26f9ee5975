"""What stands in a PDF besides pages: scripts, programs to launch, files, dynamic forms, a password.

A PDF from a stranger is read in a process of its own: this file is also that process, so it loads pypdf and nothing of
ours (`python -I inspection.py`).  It walks every object that a reader reaches from the trailer, however names are
escaped and objects compressed, then searches the bytes for what only another reader might reach.  It neither repairs
nor rewrites: what cannot be walked whole is a verdict too.

Source: ISO 32000-1 §7.3.5 (names), §7.6 (encryption), §7.11.4 (files), §12.6.4 (actions), §12.7.8 (XFA); ADR 43.
"""

import io
import logging
import re
import sys
from enum import StrEnum
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

MOST_OBJECTS = 300_000
"""Visited in one file: a thesis with its index has fewer."""
MEMORY_BYTES = 1 << 30
CPU_S = 15


class PdfHazard(StrEnum):
    """Why a PDF is not passed on."""

    UNREADABLE = "unreadable"
    """It is no PDF, is cut short, or has no page."""
    TOO_COMPLEX = "too_complex"
    """It was not walked whole within the limits."""
    ENCRYPTED = "encrypted"
    """It asks for a password.  One that only restricts printing opens without, and is walked."""
    JAVASCRIPT = "javascript"
    LAUNCH = "launch"
    """It starts a program, opens another file, or sends what is typed into it."""
    EMBEDDED_FILE = "embedded_file"
    XFA = "xfa"
    """A dynamic form, whose pages are made by a script-driven engine that few readers have."""
    MEDIA = "media"
    """Sound, film or a three-dimensional scene."""


_OF_ACTION = {
    "/JavaScript": PdfHazard.JAVASCRIPT,
    **dict.fromkeys(("/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData"), PdfHazard.LAUNCH),
    **dict.fromkeys(("/Rendition", "/Movie", "/Sound", "/GoTo3DView", "/RichMediaExecute"), PdfHazard.MEDIA),
}
_OF_SUBTYPE = {
    "/FileAttachment": PdfHazard.EMBEDDED_FILE,
    **dict.fromkeys(("/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"), PdfHazard.MEDIA),
}
_OF_KEY = {
    "/JavaScript": PdfHazard.JAVASCRIPT,
    **dict.fromkeys(("/EF", "/EmbeddedFiles", "/Collection"), PdfHazard.EMBEDDED_FILE),
    "/XFA": PdfHazard.XFA,
}
_OF_WORD = {
    b"JavaScript": PdfHazard.JAVASCRIPT,
    b"Launch": PdfHazard.LAUNCH,
    b"EmbeddedFile": PdfHazard.EMBEDDED_FILE,
    b"XFA": PdfHazard.XFA,
    b"RichMedia": PdfHazard.MEDIA,
}
_WORD = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|XFA|RichMedia)(?:s?)(?![0-9A-Za-z_-])")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file


def inspect_pdf(data: bytes) -> frozenset[PdfHazard]:
    """What was found; empty: pages and nothing that acts.  Never raises; bounded in objects, not in time."""
    found = _search(data)
    try:
        found |= _walk(data)
    except (MemoryError, RecursionError):
        found.add(PdfHazard.TOO_COMPLEX)
    except Exception:  # what pypdf lets through on damaged files is not one family of errors
        found.add(PdfHazard.UNREADABLE)
    return frozenset(found)


def _walk(data: bytes) -> set[PdfHazard]:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return {PdfHazard.ENCRYPTED}
    found: set[PdfHazard] = set()
    seen: set[tuple[int, int]] = set()
    pages, visited = 0, 0
    waiting: list[Any] = [reader.trailer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if (value.idnum, value.generation) in seen:
                continue
            seen.add((value.idnum, value.generation))
            value = value.get_object()
        visited += 1
        if visited > MOST_OBJECTS:
            return {PdfHazard.TOO_COMPLEX}
        if isinstance(value, DictionaryObject):
            found |= _hazards_of(value)
            pages += _resolved(value, "/Type") == "/Page"
            waiting += dict.values(value)
        elif isinstance(value, ArrayObject):
            waiting += list.__iter__(value)
    return found if pages else {PdfHazard.UNREADABLE}


def _hazards_of(value: DictionaryObject) -> set[PdfHazard]:
    """Of one dictionary, which may be an action, an annotation, a table of names or a form."""
    found = {hazard for key, hazard in _OF_KEY.items() if key in value}
    for key, hazards in (("/S", _OF_ACTION), ("/Subtype", _OF_SUBTYPE)):
        name = _resolved(value, key)
        if isinstance(name, str) and name in hazards:
            found.add(hazards[name])
    if _resolved(value, "/Type") == "/EmbeddedFile":
        found.add(PdfHazard.EMBEDDED_FILE)
    return found


def _resolved(value: DictionaryObject, key: str) -> Any:
    held = dict.get(value, key)
    return held.get_object() if isinstance(held, IndirectObject) else held


def _search(data: bytes) -> set[PdfHazard]:
    """Words in the bytes themselves: objects that no reference reaches, but that a lenient reader may find."""
    bare = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), data)
    return {_OF_WORD[word] for word in _WORD.findall(bare)}


def _limit_this_process() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(source: BinaryIO, target: BinaryIO) -> None:
    """One PDF from `source`; to `target` `+` and the words of what was found, separated by spaces."""
    _limit_this_process()
    target.write(b"+" + " ".join(sorted(inspect_pdf(source.read()))).encode("ascii"))
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
