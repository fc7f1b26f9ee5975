"""Photos and PDF files, both ways."""

import asyncio
from pathlib import Path

from clients.desktop.state.marks import Marks
from clients.desktop.sync.calls.base import Calls
from miss.base.ids import ConversationId, MessageId
from miss.client import PhotoQuality
from miss.client.model import Message


class FileCalls(Calls):
    """What travels beside messages."""

    async def send_photo(
        self,
        cid: ConversationId,
        data: bytes,
        caption: str = "",
        *,
        marks: Marks = (),
        diagnostic: bool = False,
        urgent: bool = False,
        reply: MessageId | None = None,
    ) -> MessageId:
        """`marks`: put into its pixels first.  `diagnostic`: larger, for what has to be looked at closely."""
        quality = PhotoQuality.DIAGNOSTIC if diagnostic else PhotoQuality.STANDARD
        if marks:
            from clients.desktop.sync.drawing import marked  # brings Pillow's pens along: not at the start

            data = await asyncio.to_thread(marked, data, marks, quality)
        mid = await self.client.send_photo(cid, data, caption, quality=quality, urgent=urgent, reply=reply)
        self.pump.note(cid)
        return mid

    async def look_at_photo(self, data: bytes) -> bytes:
        """A photo of any kind that may leave, upright, for a screen (JPEG).  Raises a PhotoError."""
        from clients.desktop.sync.drawing import looked_at

        return await asyncio.to_thread(looked_at, data)

    async def send_file(
        self, cid: ConversationId, data: bytes, name: str, caption: str = "", *, urgent: bool = False
    ) -> MessageId:
        """A PDF, at once or as soon as there is a network; the id of its message."""
        mid = await self.client.send_file(cid, data, name, caption, urgent=urgent)
        self.pump.note(cid)
        return mid

    async def fetch(self, message: Message, index: int = 0) -> bytes:
        """A file of a message; progress is told meanwhile."""
        return await self.client.fetch_file(message, index)

    async def open_elsewhere(self, message: Message, index: int = 0) -> Path:
        """A file where another program can read it, until this account is locked, changed or closed."""
        content = await self.client.fetch_file(message, index)
        return self.opened.put(message.attachments[index].name or "document.pdf", content)
