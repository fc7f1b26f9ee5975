"""The images themselves: written anew in the sandbox, sealed under a key per sending, destroyed with it."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from miss.mail.images.errors import ImageFormat, ImageTooLarge, ImageUnreadable, SendingUnknown
from miss.mail.images.model import MAX_IMAGE_BYTES, MAX_IMAGES, Words, pack_words, require_count, unpack_words
from miss.photos import PhotoRefused, PhotoSandbox, Refusal
from miss.storage.blobs import BlobStore
from miss.storage.errors import BlobMissing, DataKeyDestroyed
from miss.storage.sealed import KeyStore

_MB: Final = 1_000_000
_WORDS: Final = "words"


class Album:
    """What was sealed of each sending."""

    def __init__(self, blobs: BlobStore, keystore: KeyStore, sandbox: PhotoSandbox) -> None:
        self._blobs = blobs
        self._keystore = keystore
        self._sandbox = sandbox

    async def clean(self, files: Sequence[bytes]) -> list[bytes]:
        """JPEGs of our own making: upright, reduced, without a trace of place or telephone.

        Raises ImagesMissing, ImagesTooMany, ImageTooLarge, ImageFormat, ImageUnreadable.
        """
        require_count(len(files))
        for rank, content in enumerate(files, start=1):
            if len(content) > MAX_IMAGE_BYTES:
                raise ImageTooLarge(rank=rank, limit_mb=MAX_IMAGE_BYTES // _MB)
        return [await self._clean(rank, content) for rank, content in enumerate(files, start=1)]

    async def _clean(self, rank: int, content: bytes) -> bytes:
        try:
            return await self._sandbox.sanitise(content)
        except PhotoRefused as refused:
            match refused.refusal:
                case Refusal.TOO_MANY_PIXELS:
                    raise ImageTooLarge(rank=rank, limit_mb=MAX_IMAGE_BYTES // _MB) from None
                case Refusal.FORMAT:
                    raise ImageFormat(rank=rank) from None
                case Refusal.UNREADABLE:
                    raise ImageUnreadable(rank=rank) from None

    async def keep(self, sending_id: str, images: Sequence[bytes]) -> None:
        """Seal and store them."""
        for rank, content in enumerate(images, start=1):
            name = _blob(sending_id, rank)
            sealed = await self._keystore.seal(_key(sending_id), content, what=name)
            await self._blobs.put(name, _whole(sealed))

    async def seal_words(self, sending_id: str, words: Words) -> bytes:
        return await self._keystore.seal(_key(sending_id), pack_words(words), what=_WORDS)

    async def open_words(self, sending_id: str, sealed: bytes) -> Words:
        """Raises SendingUnknown for what was destroyed, or never whole."""
        if not sealed:
            raise SendingUnknown
        try:
            return unpack_words(await self._keystore.open(_key(sending_id), sealed, what=_WORDS))
        except DataKeyDestroyed:
            raise SendingUnknown from None

    async def read(self, sending_id: str, rank: int) -> bytes:
        """One image, from 1.  Raises SendingUnknown."""
        name = _blob(sending_id, rank)
        try:
            return await self._keystore.open(_key(sending_id), await self._blobs.read(name), what=name)
        except (BlobMissing, DataKeyDestroyed):
            raise SendingUnknown from None

    async def destroy(self, sending_id: str) -> None:
        """The key first: from then on no copy can be read, wherever it lies.  Again: nothing happens."""
        await self._keystore.destroy(_key(sending_id))
        for rank in range(1, MAX_IMAGES + 1):
            await self._blobs.delete(_blob(sending_id, rank))


def _key(sending_id: str) -> str:
    return f"images:{sending_id}"


def _blob(sending_id: str, rank: int) -> str:
    return f"{sending_id}-{rank}"


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
