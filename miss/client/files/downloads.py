"""Files fetched: whole, going on after a cut, or only a range.  protocol §3, Attachment

What has come is kept, encrypted as it came, until the file is whole; cancelling the task that fetches loses nothing.
"""

import asyncio
from collections import defaultdict
from typing import Final

from miss.base.ids import BlobId
from miss.client.api import ServerApi
from miss.client.errors import NoAttachment
from miss.client.events import Announcer, DownloadProgress
from miss.client.model import Attachment, Message
from miss.client.store import Store
from miss.protocol.crypto.attachments import PREFIX_BYTES, blob_bytes, decrypt_blob, decrypt_range, range_in_blob
from miss.protocol.errors import BlobDamaged

PART_BYTES: Final = 512 * 1024


class Downloads:
    """Of the messages that are here."""

    def __init__(self, store: Store, api: ServerApi, announcer: Announcer) -> None:
        self._store = store
        self._api = api
        self._announcer = announcer
        self._locks: defaultdict[BlobId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def fetch(self, message: Message, index: int) -> bytes:
        """The whole file, to the byte as it was sent.

        Raises NoAttachment, BlobDamaged, ServerRefused (expired: `not_found`), ServerUnreachable: the same call goes
        on from there.
        """
        attachment = attachment_of(message, index)
        blob, size = attachment.blob, blob_bytes(attachment.size)
        async with self._locks[blob]:
            received = self._store.downloads.size_of(blob)
            while received < size:
                part = await self._api.fetch_blob_part(blob, received, min(received + PART_BYTES, size))
                if not part or len(part) > size - received:
                    raise BlobDamaged(reason="length")
                self._store.downloads.append(blob, received, part)
                received += len(part)
                self._announcer.announce(DownloadProgress(message.cid, message.seq, index, received, size))
            content = self._store.downloads.content(blob)
            self._store.downloads.remove(blob)  # whole, or damaged and to be fetched anew
            return decrypt_blob(content, attachment)

    async def fetch_range(self, message: Message, index: int, start: int, stop: int) -> bytes:
        """The file's bytes from `start` up to `stop`, without the rest.

        Raises NoAttachment, BlobRangeUnknown, BlobDamaged, ServerRefused, ServerUnreachable.
        """
        attachment = attachment_of(message, index)
        lower, upper = range_in_blob(attachment.size, start, stop)
        if lower == PREFIX_BYTES:
            whole = await self._api.fetch_blob_part(attachment.blob, 0, upper)
            prefix, part = whole[:PREFIX_BYTES], whole[PREFIX_BYTES:]
        else:
            prefix = await self._api.fetch_blob_part(attachment.blob, 0, PREFIX_BYTES)
            part = await self._api.fetch_blob_part(attachment.blob, lower, upper)
        return decrypt_range(prefix, part, attachment, start, stop)


def attachment_of(message: Message, index: int) -> Attachment:
    """Raises NoAttachment."""
    if not 0 <= index < len(message.attachments):
        raise NoAttachment(seq=message.seq)
    return message.attachments[index]
