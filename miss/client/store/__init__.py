"""The durable state of one device, in one sealed SQLite file.

`transaction()` makes writes to several parts one: a message, the position it moves and the outbox entry it settles
are stored together or not at all.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from miss.base.random import RandomBytes
from miss.client.store.alarms import AlarmStore
from miss.client.store.conversations import ConversationStore
from miss.client.store.device import DeviceStore
from miss.client.store.downloads import DownloadStore
from miss.client.store.drafts import DraftStore
from miss.client.store.evidence import EvidenceStore
from miss.client.store.file import StoreFile
from miss.client.store.incidents import IncidentStore
from miss.client.store.keys import key_from_file, key_from_passphrase
from miss.client.store.lost import LostStore
from miss.client.store.messages import MessageStore
from miss.client.store.outbox import OutboxStore
from miss.client.store.people import PeopleStore
from miss.client.store.restorations import RestorationStore
from miss.client.store.splits import SplitStore
from miss.client.store.statements import StatementStore

__all__ = ["Store", "key_from_file", "key_from_passphrase"]


class Store:
    """Its parts, and the file they share."""

    def __init__(self, path: Path, key: bytes, random_bytes: RandomBytes) -> None:
        """Open the store at `path`, or make it.  `key`: 32 bytes (see `key_from_file`, `key_from_passphrase`).

        Raises WrongStoreKey, StoreNewer, StoreInUse, StoreDamaged.
        """
        self._file = StoreFile(path, key, random_bytes)
        self.device = DeviceStore(self._file)
        self.people = PeopleStore(self._file)
        self.conversations = ConversationStore(self._file)
        self.alarms = AlarmStore(self._file)
        self.messages = MessageStore(self._file, self.alarms)
        self.lost = LostStore(self._file, self.messages)
        self.restorations = RestorationStore(self._file)
        self.evidence = EvidenceStore(self._file)
        self.splits = SplitStore(self._file)
        self.incidents = IncidentStore(self._file)
        self.outbox = OutboxStore(self._file)
        self.statements = StatementStore(self._file)
        self.drafts = DraftStore(self._file)
        self.downloads = DownloadStore(self._file)

    def transaction(self) -> AbstractContextManager[None]:
        """All writes of the block, or none; durable when it ends."""
        return self._file.transaction()

    def wipe(self) -> None:
        """Delete everything, for good.  This object stays empty and refuses writes (StoreWiped)."""
        self._file.wipe()

    def close(self) -> None:
        """Release the file; `with Store(…) as store:` does it at the end."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
