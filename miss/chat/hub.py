"""The sockets of this process, by device and by account.  Looks nothing up and waits for nothing."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.devices.model import LinkedDevice
from miss.protocol.wire.close import CloseCode


class Socket(Protocol):
    """What the hub knows of a connection."""

    device: LinkedDevice
    number: int
    """From `Hub.next_number`: no other socket of this process ever has it."""
    connected_at_ms: int
    """`server_ts` of its `ready`."""

    def post(self, data: bytes, *, ephemeral: bool = False) -> None:
        """Queue an encoded frame, within the connection's own bounds."""
        ...

    def post_all(self, frames: Sequence[bytes], cid: ConversationId, last_seq: int) -> None:
        """Queue encoded messages of `cid`, in order, the last of which stands at `last_seq`."""
        ...

    def end(self, code: CloseCode) -> None:
        """Close once what is queued was sent."""
        ...


class Hub:
    """Who is connected here."""

    def __init__(self) -> None:
        self._by_device: dict[DeviceId, Socket] = {}
        self._by_account: dict[AccountId, dict[DeviceId, Socket]] = {}
        self._numbers = itertools.count(1)

    def next_number(self) -> int:
        """For a new socket."""
        return next(self._numbers)

    def __len__(self) -> int:
        return len(self._by_device)

    def dids(self) -> Collection[DeviceId]:
        """The devices that are connected here."""
        return self._by_device.keys()

    def join(self, socket: Socket) -> None:
        """Enter an authenticated socket; an older one of the same device is replaced (protocol §7, 4009)."""
        device = socket.device
        self.end_device(device.did, CloseCode.REPLACED)
        self._by_device[device.did] = socket
        self._by_account.setdefault(device.uid, {})[device.did] = socket

    def leave(self, socket: Socket) -> bool:
        """Forget a socket; False if another one of the same device has taken its place already."""
        device = socket.device
        if self._by_device.get(device.did) is not socket:
            return False
        del self._by_device[device.did]
        of_account = self._by_account[device.uid]
        del of_account[device.did]
        if not of_account:
            del self._by_account[device.uid]
        return True

    def end_device(self, did: DeviceId, code: CloseCode, *, before_ms: int | None = None) -> None:
        """Close the device's socket, if it has one here (and it is older than `before_ms`)."""
        socket = self._by_device.get(did)
        if socket is not None and (before_ms is None or socket.connected_at_ms < before_ms):
            self.leave(socket)
            socket.end(code)

    def end_account(self, uid: AccountId, code: CloseCode) -> None:
        """Close each of the person's sockets here."""
        for did in tuple(self._by_account.get(uid, ())):
            self.end_device(did, code)

    def end_all(self, code: CloseCode) -> None:
        """Close every socket here."""
        for did in tuple(self._by_device):
            self.end_device(did, code)

    def here(self, uids: Iterable[AccountId]) -> list[AccountId]:
        """Those of `uids` who are connected here."""
        return [uid for uid in uids if uid in self._by_account]

    def tell_all(
        self,
        uids: Iterable[AccountId],
        cid: ConversationId,
        first_seq: int,
        frames: Sequence[bytes],
        but: Sequence[int],
    ) -> None:
        """Send the encoded messages of `cid` that stand at `first_seq` and after it to each socket of these people, but
        each to the one whose number stands in its place in `but`."""
        senders, last_seq = frozenset(but), first_seq + len(frames) - 1
        for uid in uids:
            for socket in self._by_account.get(uid, {}).values():
                number = socket.number
                if number not in senders:
                    socket.post_all(frames, cid, last_seq)
                elif others := [at for at, sender in enumerate(but) if sender != number]:
                    socket.post_all([frames[at] for at in others], cid, first_seq + others[-1])

    def tell(self, uid: AccountId, data: bytes, *, ephemeral: bool = False, but: int = 0) -> None:
        """Send an encoded frame to each of a person's sockets, except the one numbered `but`."""
        for socket in self._by_account.get(uid, {}).values():
            if socket.number != but:
                socket.post(data, ephemeral=ephemeral)
