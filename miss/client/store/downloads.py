"""Files on their way here: the encrypted bytes that have come so far, so that a cut download goes on.

Not sealed: they are what the server keeps, and their key is in the message.
"""

from miss.base.ids import BlobId
from miss.client.store.file import StoreFile


class DownloadStore:
    """Parts without gaps, from the first byte on."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def size_of(self, blob: BlobId) -> int:
        """How many bytes are here."""
        row = self._file.one("SELECT coalesce(sum(length(content)), 0) FROM download WHERE blob = ?", blob)
        return int(row[0])

    def append(self, blob: BlobId, start: int, content: bytes) -> None:
        self._file.execute(
            "INSERT OR REPLACE INTO download (blob, start, content) VALUES (?, ?, ?)", blob, start, content
        )

    def content(self, blob: BlobId) -> bytes:
        """Everything that has come."""
        rows = self._file.all("SELECT content FROM download WHERE blob = ? ORDER BY start", blob)
        return b"".join(content for (content,) in rows)

    def remove(self, blob: BlobId) -> None:
        self._file.execute("DELETE FROM download WHERE blob = ?", blob)
