"""The chains of everybody this device has met, and what their changes ask of its owner.  protocol §3"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from miss.base.ids import AccountId
from miss.client.store.file import StoreFile


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """How far the owner of the store trusts one person's keys."""

    resets: int
    """How often the person's devices were started over, as pinned."""
    accepted_resets: int
    """Up to where the owner went on writing: the same, or there is a reset to accept first."""
    verified_resets: int | None
    """What `resets` was when the safety words were compared; None if they never were."""


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

    def list_(self) -> list[AccountId]:
        """Everybody who was ever met."""
        return [AccountId(uid) for (uid,) in self._file.all("SELECT DISTINCT uid FROM link ORDER BY uid")]

    # Trust

    def find_contact(self, uid: AccountId) -> ContactRecord | None:
        """None for a stranger, and for somebody met before the store kept this who has not changed since."""
        sql = "SELECT resets, accepted_resets, verified_resets FROM contact WHERE uid = ?"
        row = self._file.one(sql, uid)
        return None if row is None else ContactRecord(*row)

    def note_resets(self, uid: AccountId, before: int, now: int) -> None:
        """The chain counts `now` resets; `before`: those that the owner has known about if this is the first note."""
        sql = """INSERT INTO contact VALUES (?, ?, ?, NULL)
            ON CONFLICT DO UPDATE SET resets = excluded.resets WHERE excluded.resets > resets"""
        self._file.execute(sql, uid, now, before)

    def accept(self, uid: AccountId) -> None:
        """The owner goes on writing to this person, whatever happened."""
        with self._file.transaction():
            self._file.execute("UPDATE contact SET accepted_resets = resets WHERE uid = ?", uid)
            self._file.execute("DELETE FROM warning WHERE uid = ?", uid)

    def list_unaccepted(self) -> frozenset[AccountId]:
        """Everybody whose reset waits to be accepted."""
        rows = self._file.all("SELECT uid FROM contact WHERE accepted_resets < resets")
        return frozenset(AccountId(uid) for (uid,) in rows)

    def set_verified(self, uid: AccountId, resets: int | None) -> None:
        """The safety words were compared when the chain counted `resets`; None takes the mark away."""
        if resets is not None:
            self.note_resets(uid, resets, resets)
        self._file.execute("UPDATE contact SET verified_resets = ? WHERE uid = ?", resets, uid)

    # Warnings

    def warn(self, uid: AccountId, kinds: Iterable[str], at_ms: int) -> None:
        """Keep what the owner should hear of; the same again only moves its time."""
        for kind in kinds:
            self._file.execute("INSERT OR REPLACE INTO warning VALUES (?, ?, ?)", uid, kind, at_ms)

    def warnings(self) -> list[tuple[AccountId, str, int]]:
        """Person, kind and time (ms since 1970), the latest first."""
        rows = self._file.all("SELECT uid, kind, at_ms FROM warning ORDER BY at_ms DESC, uid, kind")
        return [(AccountId(uid), kind, at_ms) for uid, kind, at_ms in rows]


def _place(uid: AccountId, seq: int) -> str:
    return f"link {uid.hex()} {seq}"
