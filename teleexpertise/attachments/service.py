"""Files that come with a request: recognised by their content, cleaned, sealed, stored.

A photograph is written anew in the sandbox; a PDF in which nothing acts is kept as it came and only ever offered for
download.  Nothing else is taken.  The declared type and the extension are never believed.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from miss.base.ids import OrganizationId, PractitionerId, RequestId
from miss.directory.establishments.quotas import Allowances, EstablishmentStorageFull
from miss.photos import PhotoRefused, PhotoSandbox, Refusal
from miss.storage import Database
from miss.storage.blobs import BlobStore
from miss.storage.errors import BlobExists
from miss.storage.sealed import KeyStore
from teleexpertise.attachments.errors import (
    AttachmentFormat,
    AttachmentNoRoom,
    AttachmentRefused,
    AttachmentTooLarge,
    PhotoTooManyPixels,
    PhotoUnreadable,
    TooManyAttachments,
    WinmailFile,
)
from teleexpertise.attachments.pdfs import PdfSandbox
from teleexpertise.questionnaire.model import AttachmentRef

MAX_FILES = 12
MAX_FILE_BYTES = 20_000_000

JPEG, PDF = "image/jpeg", "application/pdf"

_TNEF = b"\x78\x9f\x3e\x22"
_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_PICTURE_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".gif", ".tif", ".tiff", ".bmp")


@dataclass(frozen=True, slots=True, repr=False)
class IncomingFile:
    """A file as it arrived.  `link_id`: the item it was given for, empty if nobody said."""

    name: str
    mime: str
    content: bytes
    link_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class KeptFile:
    """A file that was taken, and the item it was given for."""

    ref: AttachmentRef
    link_id: str


@dataclass(frozen=True, slots=True, repr=False)
class RefusedFile:
    """A file that was not, with its name: for the person who sent it, not for the log."""

    name: str
    error: AttachmentRefused
    link_id: str = ""


class Attachments:
    """The files of requests, sealed under each request's key."""

    def __init__(
        self,
        db: Database,
        blobs: BlobStore,
        keystore: KeyStore,
        sandbox: PhotoSandbox,
        pdfs: PdfSandbox,
        allowances: Allowances,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._allowances = allowances
        self._keystore = keystore
        self._sandbox = sandbox
        self._pdfs = pdfs

    async def keep(
        self,
        request_id: RequestId,
        source: str,
        files: Sequence[IncomingFile],
        *,
        by: PractitionerId,
        already: int = 0,
    ) -> tuple[list[KeptFile], list[RefusedFile]]:
        """Take what can be taken.

        `source` (a mail's identifier, a page's) names the blobs, so that the same files brought again after a crash
        are not stored twice.  `by`: whose they are, for their establishment's quota.  `already`: how many files the
        request holds.
        """
        payer = await self._allowances.establishment_of(by) if files else None
        kept: list[KeptFile] = []
        refused: list[RefusedFile] = []
        for rank, file in enumerate(files, start=1):
            try:
                if already + len(kept) >= MAX_FILES:
                    raise TooManyAttachments(rank=rank, limit=MAX_FILES)
                content, mime = await self._clean(file, rank)
                await self._count(request_id, ref := f"{source}-{rank}", len(content), payer, rank)
            except AttachmentRefused as error:
                refused.append(RefusedFile(file.name, error, file.link_id))
                if isinstance(error, TooManyAttachments):
                    break
                continue
            await self._store(request_id, ref, content)
            name = file.name if mime == PDF else _as_jpeg(file.name)
            kept.append(KeptFile(AttachmentRef(name, mime, len(content), ref), file.link_id))
        return kept, refused

    async def read(self, request_id: RequestId, ref: str) -> bytes:
        """The file's bytes.  Raises BlobMissing, DataKeyDestroyed."""
        return await self._keystore.open(_key(request_id), await self._blobs.read(ref), what=_what(ref))

    async def delete(self, ref: str) -> None:
        """Delete a file; nothing happens if it is gone."""
        await self._blobs.delete(ref)

    async def _clean(self, file: IncomingFile, rank: int) -> tuple[bytes, str]:
        if len(file.content) > MAX_FILE_BYTES:
            raise AttachmentTooLarge(rank=rank, limit_mb=MAX_FILE_BYTES // 1_000_000)
        if file.content.startswith(b"%PDF-"):
            await self._pdfs.require_harmless(file.content, rank)
            return file.content, PDF
        if is_winmail(file):
            raise WinmailFile(rank=rank)
        if not is_picture(file):
            raise AttachmentFormat(rank=rank)
        try:
            return await self._sandbox.sanitise(file.content), JPEG
        except PhotoRefused as refused:
            match refused.refusal:
                case Refusal.TOO_MANY_PIXELS:
                    raise PhotoTooManyPixels(rank=rank) from None
                case Refusal.FORMAT:
                    raise AttachmentFormat(rank=rank) from None
                case Refusal.UNREADABLE:
                    raise PhotoUnreadable(rank=rank) from None

    async def _count(
        self, request_id: RequestId, ref: str, size_bytes: int, payer: OrganizationId | None, rank: int
    ) -> None:
        """Before the bytes are stored, so that nothing is kept that is not counted.  Raises AttachmentNoRoom."""
        if payer is None:
            return
        try:
            async with self._db.transaction() as tx:
                await self._allowances.keep(tx, payer, ref, size_bytes, about=about(request_id))
        except EstablishmentStorageFull as full:
            raise AttachmentNoRoom(rank=rank, **full.params) from None

    async def _store(self, request_id: RequestId, ref: str, content: bytes) -> None:
        sealed = await self._keystore.seal(_key(request_id), content, what=_what(ref))

        async def whole() -> AsyncIterator[bytes]:
            yield sealed

        try:
            await self._blobs.put(ref, whole())
        except BlobExists:
            return


def is_picture(file: IncomingFile) -> bool:
    """Whether the sender meant a picture: what is none is refused for its format, not for being damaged."""
    return file.mime.startswith("image/") or file.name.lower().endswith(_PICTURE_EXTENSIONS)


def is_winmail(file: IncomingFile) -> bool:
    """Whether the file is the TNEF envelope that Outlook sends as `winmail.dat` (MS-OXTNEF §2.1.1: its first bytes)."""
    return file.content.startswith(_TNEF) or file.mime in _TNEF_TYPES


def about(request_id: RequestId) -> str:
    """What the files of a request are counted with."""
    return f"request:{request_id}"


def _as_jpeg(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return f"{stem if dot and len(extension) <= 5 else name}.jpg"


def _key(request_id: RequestId) -> str:
    return f"request:{request_id}"


def _what(ref: str) -> str:
    return f"file:{ref}"
