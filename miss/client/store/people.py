"""The chains of links of everybody this device has met, as verified once and pinned since.  protocol §3"""

from collections.abc import Sequence

from miss.base.ids import AccountId
from miss.client.store.file import StoreFile


class PeopleStore:
    """Links by person, in the order of the chain.  They carry names, hence sealed."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def links(self, uid: AccountId) -> list[bytes]:
        """The pinned links of one person, as sent; empty for a stranger."""
        rows = self._file.all("SELECT seq, sealed FROM link WHERE uid = ? ORDER BY seq", uid)
        return [self._file.open(_place(uid, seq), sealed) for seq, sealed in rows]

    def append(self, uid: AccountId, first_seq: int, links: Sequence[bytes]) -> None:
        """Pin links that were verified to follow those at hand; the first of them has number `first_seq`."""
        with self._file.transaction():
            for seq, link in enumerate(links, first_seq):
                self._file.execute(
                    "INSERT INTO link VALUES (?, ?, ?)", uid, seq, self._file.seal(_place(uid, seq), link)
                )


def _place(uid: AccountId, seq: int) -> str:
    return f"link {uid.hex()} {seq}"
