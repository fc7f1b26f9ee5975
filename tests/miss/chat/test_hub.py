"""Who is connected here."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.devices.model import LinkedDevice
from miss.chat.hub import Hub
from miss.protocol.wire.close import CloseCode

ALICE, BOB = AccountId(b"A" * 16), AccountId(b"B" * 16)
CID = ConversationId(b"c" * 32)
PHONE, TABLET, DESK = DeviceId(b"p" * 16), DeviceId(b"t" * 16), DeviceId(b"d" * 16)


@dataclass
class Ear:
    """A socket that only remembers."""

    device: LinkedDevice
    number: int
    connected_at_ms: int = 1000
    heard: list[bytes] = field(default_factory=list)
    ended: CloseCode | None = None
    last_seq: int = 0

    def post(self, data: bytes, *, ephemeral: bool = False) -> None:
        self.heard.append(data)

    def post_all(self, frames: Sequence[bytes], cid: ConversationId, last_seq: int) -> None:
        assert cid == CID
        self.heard += frames
        self.last_seq = last_seq

    def end(self, code: CloseCode) -> None:
        self.ended = code


NUMBERS = itertools.count(1)


def ear(uid: AccountId, did: DeviceId, at_ms: int = 1000) -> Ear:
    return Ear(LinkedDevice(did, uid, b"", "poste", datetime(2026, 11, 20, tzinfo=UTC), None), next(NUMBERS), at_ms)


def test_every_socket_of_a_person_hears_but_the_one_left_out() -> None:
    hub = Hub()
    phone, tablet, other = ear(ALICE, PHONE), ear(ALICE, TABLET), ear(BOB, DESK)
    for socket in (phone, tablet, other):
        hub.join(socket)
    hub.tell(ALICE, b"frame", but=phone.number)
    assert (phone.heard, tablet.heard, other.heard) == ([], [b"frame"], [])
    assert hub.here([ALICE, BOB, AccountId(b"C" * 16)]) == [ALICE, BOB]


def test_each_frame_reaches_every_socket_but_the_one_that_sent_it() -> None:
    hub = Hub()
    phone, tablet, other, away = ear(ALICE, PHONE), ear(ALICE, TABLET), ear(BOB, DESK), ear(BOB, PHONE)
    for socket in (phone, tablet, other):
        hub.join(socket)
    hub.tell_all([ALICE, BOB], CID, 7, [b"1", b"2", b"3"], [phone.number, other.number, phone.number])
    assert (phone.heard, tablet.heard, other.heard, away.heard) == ([b"2"], [b"1", b"2", b"3"], [b"1", b"3"], [])
    assert (phone.last_seq, tablet.last_seq, other.last_seq) == (8, 9, 9)
    hub.tell_all([BOB], CID, 10, [b"4"], [other.number])
    hub.tell_all([BOB], CID, 11, [b"5"], ())
    assert other.heard == [b"1", b"3", b"5"]


def test_no_number_is_given_twice() -> None:
    hub = Hub()
    assert len({hub.next_number() for _ in range(100)} - {0}) == 100


def test_an_older_socket_of_the_same_device_gives_way_and_cannot_take_the_new_one_along() -> None:
    hub = Hub()
    old, new = ear(ALICE, PHONE), ear(ALICE, PHONE)
    hub.join(old)
    hub.join(new)
    assert old.ended is CloseCode.REPLACED
    assert not hub.leave(old)
    hub.tell(ALICE, b"frame")
    assert new.heard == [b"frame"]
    assert len(hub) == 1


def test_nobody_is_left_behind_when_the_last_socket_goes() -> None:
    hub = Hub()
    phone = ear(ALICE, PHONE)
    hub.join(phone)
    assert hub.leave(phone)
    assert hub.here([ALICE]) == []
    hub.tell(ALICE, b"frame")
    assert phone.heard == []


def test_a_notice_that_comes_late_ends_no_younger_socket() -> None:
    hub = Hub()
    phone = ear(ALICE, PHONE, at_ms=2000)
    hub.join(phone)
    hub.end_device(PHONE, CloseCode.REPLACED, before_ms=1500)
    assert phone.ended is None
    hub.end_device(PHONE, CloseCode.REPLACED, before_ms=2500)
    assert phone.ended is CloseCode.REPLACED


def test_a_closed_account_loses_every_socket() -> None:
    hub = Hub()
    phone, tablet, other = ear(ALICE, PHONE), ear(ALICE, TABLET), ear(BOB, DESK)
    for socket in (phone, tablet, other):
        hub.join(socket)
    hub.end_account(ALICE, CloseCode.AUTH)
    hub.end_account(AccountId(b"C" * 16), CloseCode.AUTH)
    assert (phone.ended, tablet.ended, other.ended) == (CloseCode.AUTH, CloseCode.AUTH, None)
    assert len(hub) == 1
