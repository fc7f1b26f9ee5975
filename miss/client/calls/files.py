"""Calls about photos and files, both ways.  protocol §3, Attachment"""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from miss.base.ids import AccountId, BlobId, ConversationId, MessageId
from miss.client.calls.base import Calls
from miss.client.files import pdf, photo
from miss.client.files.pdf import check_pdf
from miss.client.files.photo import PhotoQuality, reduce_photo
from miss.client.model import TEXT, Message
from miss.client.store.outbox import Draft
from miss.protocol.crypto.attachments import PREFIX_BYTES, Attachment, encrypt_blob, hash_blob
from miss.protocol.crypto.primitives import KEY_BYTES

_NOT_UPLOADED = BlobId(bytes(16))


class FileCalls(Calls):
    """What travels beside messages, encrypted in chunks under a key of its own."""

    async def send_photo(
        self,
        cid: ConversationId,
        data: bytes,
        caption: str = "",
        *,
        quality: PhotoQuality = PhotoQuality.STANDARD,
        reply: MessageId | None = None,
        urgent: bool = False,
        mentions: Sequence[AccountId] = (),
    ) -> MessageId:
        """Reduce a JPEG, PNG or HEIC file, encrypt it and put it in the outbox, durable on return.

        Raises a PhotoError, NotAMember, UnknownConversation, NotInConversation.
        """
        self._require_place(cid)
        reduced = await asyncio.to_thread(reduce_photo, data, quality)
        attachment = Attachment(
            blob=_NOT_UPLOADED,
            key=self._random_bytes(KEY_BYTES),
            size=len(reduced.content),
            hash=b"",
            mime=photo.MIME,
            width=reduced.width,
            height=reduced.height,
            thumbnail=reduced.thumbnail,
        )
        return self._send(cid, reduced.content, attachment, caption, reply, urgent, mentions)

    async def send_file(
        self,
        cid: ConversationId,
        data: bytes,
        name: str,
        caption: str = "",
        *,
        reply: MessageId | None = None,
        urgent: bool = False,
        mentions: Sequence[AccountId] = (),
    ) -> MessageId:
        """Encrypt a PDF file as it is and put it in the outbox under its name, durable on return.

        Raises FileNotSupported for content that is no PDF, FileTooLarge, FileDamaged, NotAMember,
        UnknownConversation, NotInConversation.
        """
        self._require_place(cid)
        attachment = Attachment(
            blob=_NOT_UPLOADED,
            key=self._random_bytes(KEY_BYTES),
            size=len(data),
            hash=b"",
            mime=pdf.MIME,
            name=check_pdf(data, name),
        )
        return self._send(cid, data, attachment, caption, reply, urgent, mentions)

    def _send(
        self,
        cid: ConversationId,
        content: bytes,
        attachment: Attachment,
        caption: str,
        reply: MessageId | None,
        urgent: bool,
        mentions: Sequence[AccountId],
    ) -> MessageId:
        self._require_members(cid, mentions)
        blob = b"".join(encrypt_blob([content], len(content), attachment.key, self._random_bytes(PREFIX_BYTES)))
        draft = Draft(
            self._parts.time.now_ms(),
            TEXT,
            caption,
            reply,
            (replace(attachment, hash=hash_blob(blob)),),
            urgent,
            tuple(mentions),
        )
        return self._enqueue(cid, draft, blob)

    async def fetch_file(self, message: Message, index: int = 0) -> bytes:
        """A file of a message, to the byte as it was sent; DownloadProgress tells how far it has come.

        What was cut, or cancelled, goes on at the next call.  Raises NoAttachment, BlobDamaged, ServerRefused
        (expired or deleted: `not_found`), ServerUnreachable.
        """
        return await self._parts.downloads.fetch(message, index)

    async def fetch_photo(self, message: Message, index: int = 0) -> bytes:
        """`fetch_file` of a photo."""
        return await self.fetch_file(message, index)

    async def fetch_range(self, message: Message, start: int, stop: int, index: int = 0) -> bytes:
        """The bytes of a file from `start` up to `stop`, without fetching the others.

        Raises NoAttachment, BlobRangeUnknown, BlobDamaged, ServerRefused, ServerUnreachable.
        """
        return await self._parts.downloads.fetch_range(message, index, start, stop)
