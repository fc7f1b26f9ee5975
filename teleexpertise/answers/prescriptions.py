"""A prescription in PDF: kept as it is, once nothing in it acts by itself.

The file travels on to the requester's record, so it is not rewritten (a signed prescription would no longer be one):
it is searched instead, names with their escapes undone, compressed streams opened within limits.  Refused: scripts,
programs to launch, forms that send themselves, files within the file, encryption, and what cannot be searched whole.
Source: ISO 32000-1 §7.3.5 (names), §7.5.7 (object streams), §12.6.4 (actions).
"""

import re
import zlib
from collections.abc import Iterator, Sequence

from teleexpertise.answers.errors import PdfActs, PdfDamaged, PdfLocked, PdfTooLarge
from teleexpertise.attachments.errors import AttachmentRefused
from teleexpertise.attachments.service import PDF, IncomingFile, RefusedFile

PRESCRIPTION = "r.prescription"
MAX_BYTES = 10_000_000
MAX_INFLATED_BYTES = 60_000_000
"""Of all streams together: a page of images inflates to a few tens of megabytes."""
HEADER_WITHIN = 1024
"""Readers look for the header this far."""

_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTS = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|GoToE|GoToR|RichMedia|Movie|Sound|Rendition|XFA|EmbeddedFiles|"
    rb"EmbeddedFile)(?![0-9A-Za-z_-])"
)
_ENCRYPTED = re.compile(rb"/Encrypt(?![0-9A-Za-z])")
_HOLDS_OBJECTS = re.compile(rb"/ObjStm(?![0-9A-Za-z])|/First(?![0-9A-Za-z])")
"""An object stream needs `First`, whatever it says it is."""
_FILTER = re.compile(rb"/([A-Za-z0-9]+(?:Decode|A85|AHx)|Fl|LZW|RL|DecodeParms|DP)(?![0-9A-Za-z])")


def check_prescription(file: IncomingFile, rank: int) -> AttachmentRefused | None:
    """Why a PDF is not taken as prescription; None: it may be kept as it is.  Photographs are judged elsewhere."""
    if not (file.content.startswith(b"%PDF-") or file.mime == PDF):
        return None
    if len(file.content) > MAX_BYTES:
        return PdfTooLarge(rank=rank, limit_mb=MAX_BYTES // 1_000_000)
    head, tail = file.content[:HEADER_WITHIN], file.content[-2 * HEADER_WITHIN :]
    if not head.startswith(b"%PDF-") or b"%%EOF" not in tail:
        return PdfDamaged(rank=rank)
    try:
        for part in _parts(file.content):
            if _ENCRYPTED.search(part):
                return PdfLocked(rank=rank)
            if _ACTS.search(part):
                return PdfActs(rank=rank)
    except _NotSearchable:
        return PdfDamaged(rank=rank)
    return None


def fit_prescriptions(files: Sequence[IncomingFile]) -> tuple[list[IncomingFile], list[RefusedFile]]:
    """The files that may be kept, and the prescriptions that may not; files of other items have their own rules."""
    fit: list[IncomingFile] = []
    unfit: list[RefusedFile] = []
    for rank, file in enumerate(files, start=1):
        error = check_prescription(file, rank) if file.link_id == PRESCRIPTION else None
        if error is None:
            fit.append(file)
        else:
            unfit.append(RefusedFile(file.name, error, file.link_id))
    return fit, unfit


class _NotSearchable(Exception):
    """A part that may hold objects cannot be read."""


def _parts(content: bytes) -> Iterator[bytes]:
    """Everything outside streams, and what is in those that hold objects; the escapes of names undone."""
    left_bytes = MAX_INFLATED_BYTES
    end = 0
    for found in _STREAM.finditer(content):
        if found.start() < end:
            continue
        outside = _bare(content[end : found.start()])
        yield outside
        stop = content.find(b"endstream", found.end())
        if stop < 0:
            raise _NotSearchable
        dictionary = outside[max(outside.rfind(b"obj"), 0) :]
        if _HOLDS_OBJECTS.search(dictionary):
            opened = _opened(content[found.end() : stop], dictionary, left_bytes)
            left_bytes -= len(opened)
            yield _bare(opened)
        end = stop
    yield _bare(content[end:])


def _bare(data: bytes) -> bytes:
    return _NAME_ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), data)


def _opened(data: bytes, dictionary: bytes, most_bytes: int) -> bytes:
    """An object stream, as every writer makes them: plain, or deflated once.  Raises _NotSearchable."""
    filters = _FILTER.findall(dictionary)
    if not filters:
        return data
    if filters not in ([b"FlateDecode"], [b"Fl"]):
        raise _NotSearchable
    inflater = zlib.decompressobj()
    try:
        opened = inflater.decompress(data, most_bytes)
    except zlib.error:
        raise _NotSearchable from None
    if not inflater.eof:
        raise _NotSearchable
    return opened
