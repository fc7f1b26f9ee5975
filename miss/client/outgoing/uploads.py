"""Files on their way out: in parts, so that what was cut goes on where it stopped.  protocol §7, Blobs

Nothing is asked of whoever wrote the message: after a crash or a lost connection the server says how much it has.
"""

from typing import Final

from miss.base.ids import BlobId
from miss.client.api import ServerApi
from miss.client.errors import ServerRefused
from miss.client.events import Announcer, UploadProgress
from miss.client.store import Store
from miss.client.store.outbox import OutboxEntry

PART_BYTES: Final = 256 * 1024
"""One request; smaller files go whole."""


class Uploads:
    """Of the messages in the outbox."""

    def __init__(self, store: Store, api: ServerApi, announcer: Announcer) -> None:
        self._store = store
        self._api = api
        self._announcer = announcer

    async def upload(self, entry: OutboxEntry) -> bool:
        """Have all files of a message at the server; False if the message was given up meanwhile.

        Raises ServerRefused, ServerUnreachable; the same call goes on from there.
        """
        for place, content in self._store.outbox.missing_blobs(entry.mid):
            blob_id = await self._upload(entry, place, content)
            if blob_id is None:
                return False
            self._store.outbox.set_blob_id(entry.mid, place, blob_id)
        return True

    async def _upload(self, entry: OutboxEntry, place: int, content: bytes) -> BlobId | None:
        if len(content) <= PART_BYTES:
            return await self._api.upload_blob(content)
        blob_id, offset = await self._begin(entry, place, len(content))
        while offset < len(content):
            if self._store.outbox.find(entry.mid) is None:
                return None
            part = content[offset : offset + PART_BYTES]
            offset = await self._send_part(blob_id, offset, part)
            self._announcer.announce(UploadProgress(entry.cid, entry.mid, offset, len(content)))
        return blob_id

    async def _begin(self, entry: OutboxEntry, place: int, size_bytes: int) -> tuple[BlobId, int]:
        """The upload that was begun, and how far it came; a new one if the server has forgotten it."""
        known = self._store.outbox.upload_id(entry.mid, place)
        if known is not None:
            try:
                return known, await self._api.fetch_offset(known)
            except ServerRefused as refused:
                if refused.server_code != "not_found":
                    raise
        blob_id = await self._api.begin_upload(size_bytes)
        self._store.outbox.set_upload_id(entry.mid, place, blob_id)
        return blob_id, 0

    async def _send_part(self, blob_id: BlobId, offset: int, part: bytes) -> int:
        try:
            return await self._api.send_part(blob_id, offset, part)
        except ServerRefused as refused:
            if refused.server_code != "upload_offset":
                raise
            # The answer to an earlier part was lost, or only some of it had arrived.
            return await self._api.fetch_offset(blob_id)
