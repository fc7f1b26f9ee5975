"""The device this store belongs to: its keys, its person's user keys, what it pins.  protocol §2

The keys are stored before the server ever hears of them (`is_linked` false), so that a crash during activation is
resumed with the same device.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from miss.base.ids import AccountId, DeviceId
from miss.client.errors import StoreHasDevice, StoreHasNoDevice
from miss.client.store.file import StoreFile
from miss.protocol.crypto.keys import DeviceKeys, UserKey


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """One device and the server it was linked on."""

    uid: AccountId
    did: DeviceId
    keys: DeviceKeys = field(repr=False)
    server_url: str
    root: bytes
    """ROOT's public key, pinned for good."""
    link: bytes
    """The device's own link, as sent for countersignature."""
    is_linked: bool = False


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    keys: bytes
    server_url: str
    root: bytes
    link: bytes


_record = msgspec.msgpack.Decoder(_Sealed)
_byte_strings = msgspec.msgpack.Decoder(tuple[bytes, ...])


class DeviceStore:
    """One row, and what goes with it."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def find(self) -> DeviceRecord | None:
        row = self._file.one("SELECT uid, did, linked, sealed FROM device")
        if row is None:
            return None
        sealed = _record.decode(self._file.open(f"device {row[1].hex()}", row[3]))
        keys = DeviceKeys.from_secret(sealed.keys)
        return DeviceRecord(row[0], row[1], keys, sealed.server_url, sealed.root, sealed.link, bool(row[2]))

    def get(self) -> DeviceRecord:
        """The linked device.  Raises StoreHasNoDevice."""
        record = self.find()
        if record is None or not record.is_linked:
            raise StoreHasNoDevice
        return record

    def keep(self, record: DeviceRecord, user_key: UserKey) -> None:
        """Store the device that is about to be linked.  Raises StoreHasDevice."""
        if self.find() is not None:
            raise StoreHasDevice
        sealed = _Sealed(record.keys.to_secret(), record.server_url, record.root, record.link)
        value = self._file.seal(f"device {record.did.hex()}", msgspec.msgpack.encode(sealed))
        with self._file.transaction():
            self._file.execute("INSERT INTO device VALUES (1, ?, ?, ?, ?)", record.uid, record.did, False, value)
            self.put_user_key(user_key)

    def mark_linked(self) -> None:
        self._file.execute("UPDATE device SET linked = 1")

    def forget_unlinked(self) -> None:
        """Drop a device the server never took, with its user key, the chain it was to continue and the certificates."""
        with self._file.transaction():
            if self._file.execute("DELETE FROM device WHERE linked = 0"):
                self._file.execute("DELETE FROM user_key")
                self._file.execute("DELETE FROM link")
                self._file.execute("DELETE FROM meta WHERE name = 'opcerts'")

    def put_user_key(self, key: UserKey) -> None:
        value = self._file.seal(f"user_key {key.generation}", key.secret)
        self._file.execute("INSERT OR IGNORE INTO user_key VALUES (?, ?)", key.generation, value)

    def find_user_key(self, generation: int) -> UserKey | None:
        row = self._file.one("SELECT sealed FROM user_key WHERE generation = ?", generation)
        return None if row is None else UserKey(generation, self._file.open(f"user_key {generation}", row[0]))

    def last_user_key(self) -> UserKey:
        """The latest generation this device holds.  Raises StoreHasNoDevice."""
        row = self._file.one("SELECT max(generation) FROM user_key")
        key = None if row[0] is None else self.find_user_key(row[0])
        if key is None:
            raise StoreHasNoDevice
        return key

    def replace_user_key(self, key: UserKey) -> None:
        """Hold `key` and forget every older one: what they opened is in the vault by now (protocol §5)."""
        with self._file.transaction():
            self.put_user_key(key)
            self._file.execute("DELETE FROM user_key WHERE generation < ?", key.generation)

    # Standing

    def locked(self) -> str:
        """Why the server turned this device away for good, without proof; empty while all is well."""
        value = self._find_meta("locked")
        return "" if value is None else value.decode()

    def lock(self, reason: str) -> None:
        self._put_meta("locked", reason.encode())

    def unlock(self) -> None:
        """The server takes this device again."""
        self._file.execute("DELETE FROM meta WHERE name = 'locked'")

    # Rotation asked for

    def rotation_is_due(self) -> bool:
        """True if the user key has to be changed whatever its age."""
        return self._find_meta("rotation") is not None

    def ask_rotation(self) -> None:
        """The server lost what the last one brought."""
        self._put_meta("rotation", b"due")

    def settle_rotation(self) -> None:
        """It was changed."""
        self._file.execute("DELETE FROM meta WHERE name = 'rotation'")

    # Read receipts

    def tells_reading(self) -> bool:
        """False: its person keeps to themselves what they read."""
        return self._find_meta("silent") is None

    def set_tells_reading(self, on: bool) -> None:
        if on:
            self._file.execute("DELETE FROM meta WHERE name = 'silent'")
        else:
            self._put_meta("silent", b"")

    # What the person's establishments impose

    def lock_limit(self) -> int | None:
        """Minutes, as the server last said it; None: nothing is imposed."""
        value = self._find_meta("lock_limit")
        return None if value is None else int(value)

    def set_lock_limit(self, minutes: int | None) -> None:
        if minutes is None:
            self._file.execute("DELETE FROM meta WHERE name = 'lock_limit'")
        else:
            self._put_meta("lock_limit", str(minutes).encode())

    # Pairing under way

    def pending_pairing(self) -> bytes | None:
        """What `keep_pairing` kept last."""
        return self._find_meta("pairing")

    def keep_pairing(self, value: bytes) -> None:
        """Keep what it takes to go on with a pairing after a crash."""
        self._put_meta("pairing", value)

    def forget_pairing(self) -> None:
        self._file.execute("DELETE FROM meta WHERE name = 'pairing'")

    # Certificates and position

    def opcerts(self) -> tuple[bytes, ...]:
        """Every certificate of the operator seen so far; the old ones still prove old links."""
        value = self._find_meta("opcerts")
        return () if value is None else _byte_strings.decode(value)

    def add_opcerts(self, raws: Iterable[bytes]) -> None:
        known = self.opcerts()
        added = tuple(raw for raw in raws if raw not in known)
        if added:
            self._put_meta("opcerts", msgspec.msgpack.encode(known + added))

    def resume(self) -> int | None:
        """Milliseconds: `server_ts` of the last `ready` after which everything was here."""
        value = self._find_meta("resume")
        return None if value is None else int(value)

    def set_resume(self, server_ts_ms: int) -> None:
        self._put_meta("resume", str(server_ts_ms).encode())

    def _find_meta(self, name: str) -> bytes | None:
        row = self._file.one("SELECT sealed FROM meta WHERE name = ?", name)
        return None if row is None else self._file.open(name, row[0])

    def _put_meta(self, name: str, value: bytes) -> None:
        self._file.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, self._file.seal(name, value))
