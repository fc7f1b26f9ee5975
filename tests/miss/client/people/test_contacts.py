"""Warnings that survive, resets that block, words and codes that compare."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock, from_ms
from miss.base.ids import AccountId, MessageId
from miss.base.text import Language
from miss.client.errors import ContactReset, NotReachable
from miss.client.events import Announcer, ContactWarned
from miss.client.people.contacts import Contacts
from miss.client.people.identities import Identities
from miss.client.people.model import Comparison, WarningKind
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.outbox import Draft
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.crypto.safety import compose_safety_card
from miss.protocol.errors import BadSafetyCard, SafetyMismatch
from tests.conditions import WAIT_S
from tests.miss.client import second_devices
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import KEY, join, linked_store
from tests.miss.client.doubles import Server
from tests.miss.client.people.test_model import added, reset, rotated
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, OPERATOR, Person, Stream, team

NOW = from_ms(NOW_MS + 1000)


@dataclass
class House:
    """Alice's device, which has met Bob, and a server that shows what it is told."""

    store: Store
    server: Server
    announcer: Announcer
    identities: Identities
    contacts: Contacts
    woken: int = 0

    def wake(self) -> None:
        self.woken += 1

    async def learn(self, person: Person) -> None:
        self.server.shows_chain(person)
        await self.identities.refresh(person.uid)


def house_on(store: Store) -> House:
    server, announcer, time = Server(), Announcer(), ServerTime(MovableClock(NOW))
    server.shows_chain(ALICE)
    identities = Identities(store, OPERATOR.root_public, server.api(ALICE), time, announcer)
    device = store.device.get()
    house = House(store, server, announcer, identities, None)  # type: ignore[arg-type]  # set on the next line
    house.contacts = Contacts(store, device, identities, time, announcer, Language.FR, house.wake)
    return house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = linked_store(tmp_path / "alice.db", ALICE, BOB)
    yield house_on(store)
    store.close()


def warned(house: House) -> list[tuple[AccountId, WarningKind]]:
    return [(warning.uid, warning.kind) for warning in house.contacts.warnings()]


async def test_a_reset_warns_blocks_and_survives_a_restart_until_it_is_accepted(house: House, tmp_path: Path) -> None:
    events = house.announcer.stream()
    await house.learn(reset(BOB))

    assert ContactWarned(BOB.uid, WarningKind.RESET) in [await anext(events), await anext(events)]
    house.store.close()
    house = house_on(Store(tmp_path / "alice.db", KEY, Stream("again")))
    assert warned(house) == [(BOB.uid, WarningKind.RESET)]
    assert timedelta(0) <= house.contacts.warnings()[0].at - NOW < timedelta(minutes=5)
    assert house.contacts.is_blocked(BOB.uid)
    with pytest.raises(ContactReset):
        house.identities.require_accepted([ALICE.uid, BOB.uid])

    house.contacts.accept(BOB.uid)
    house.identities.require_accepted([ALICE.uid, BOB.uid])
    assert house.contacts.warnings() == []
    assert not house.contacts.is_blocked(BOB.uid)
    assert house.woken == 1
    house.store.close()


async def test_what_a_reset_had_stopped_leaves_once_it_is_accepted(house: House) -> None:
    conversation = team()
    join(house.store, conversation)
    cid = conversation.commit.core.cid
    stopped, failed = MessageId(b"1" * 16), MessageId(b"2" * 16)
    for mid, code in ((stopped, ContactReset.code), (failed, "envelope_too_large")):
        house.store.outbox.add(mid, cid, Draft(0, "text", "Bonjour"))
        house.store.outbox.fail(mid, code)
    await house.learn(reset(BOB))
    house.contacts.accept(BOB.uid)

    assert [entry.failed for entry in house.store.outbox.list_(cid)] == ["", "envelope_too_large"]


async def test_a_second_reset_blocks_again(house: House) -> None:
    once = reset(BOB)
    await house.learn(once)
    house.contacts.accept(BOB.uid)
    again = reset(once, 3, 0x55)
    await house.learn(again)

    assert again.chain.resets == 2
    assert house.contacts.is_blocked(BOB.uid)


async def test_somebody_met_after_a_reset_warns_and_does_not_block(house: House) -> None:
    house.server.shows_chain(reset(CAROL))
    await house.identities.get(CAROL.uid)

    assert [warning.kind for warning in house.contacts.warnings()] == [WarningKind.RESET]
    assert not house.contacts.is_blocked(CAROL.uid)


async def test_lesser_changes_warn_once_each_and_do_not_block(house: House) -> None:
    await house.learn(rotated(BOB))
    await house.learn(added(rotated(BOB)))
    await house.learn(added(added(rotated(BOB)), 0x78))

    assert {warning.kind for warning in house.contacts.warnings()} == {WarningKind.KEY_CHANGED, WarningKind.NEW_DEVICE}
    assert len(house.contacts.warnings()) == 2
    assert not house.contacts.is_blocked(BOB.uid)


async def test_own_devices_are_nobody_to_be_warned_of(house: House) -> None:
    await house.learn(added(ALICE))

    assert house.contacts.warnings() == []


# Comparing


@pytest.fixture
def bobs(tmp_path: Path) -> Iterator[House]:
    """The same, on Bob's side."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    house = house_on(store)
    house.server.shows_chain(BOB)
    yield house
    store.close()


async def test_both_sides_read_the_same_words_and_scan_each_other(house: House, bobs: House) -> None:
    words = house.contacts.safety_words(BOB.uid)
    assert len(words) == 6
    assert bobs.contacts.safety_words(ALICE.uid) == words
    house.server.shows_chain(BOB)

    assert not house.contacts.is_verified(BOB.uid)
    assert await house.contacts.compare(BOB.uid, bobs.contacts.qr(ALICE.uid)) is Comparison.MATCH
    assert house.contacts.is_verified(BOB.uid)

    await house.learn(added(BOB))
    assert house.contacts.safety_words(BOB.uid) != words


async def test_the_verified_mark_stays_while_the_chain_grows_and_goes_with_a_reset(house: House) -> None:
    house.contacts.set_verified(BOB.uid)
    await house.learn(added(rotated(BOB)))
    assert house.contacts.is_verified(BOB.uid)

    await house.learn(reset(added(rotated(BOB)), 3))
    assert not house.contacts.is_verified(BOB.uid)
    house.contacts.accept(BOB.uid)
    assert not house.contacts.is_verified(BOB.uid)

    house.contacts.set_verified(BOB.uid)
    assert house.contacts.is_verified(BOB.uid)
    house.contacts.set_verified(BOB.uid, verified=False)
    assert not house.contacts.is_verified(BOB.uid)


async def test_a_side_that_has_not_heard_of_the_latest_link_is_behind(house: House, bobs: House) -> None:
    old = bobs.contacts.qr(ALICE.uid)
    house.server.shows_chain(added(BOB))

    assert await house.contacts.compare(BOB.uid, old) is Comparison.BEHIND
    assert not house.contacts.is_verified(BOB.uid)


@pytest.mark.parametrize("theirs", [True, False])
async def test_a_state_never_shown_here_is_a_split_view(house: House, theirs: bool) -> None:
    house.contacts.set_verified(BOB.uid)
    house.server.shows_chain(BOB)
    events = house.announcer.stream()
    shown_to_bob = compose_safety_card(
        BOB.uid, BOB.chain.head if not theirs else b"x" * 32, ALICE.uid, b"y" * 32 if not theirs else ALICE.chain.head
    )

    assert await house.contacts.compare(BOB.uid, shown_to_bob.to_bytes()) is Comparison.MISMATCH
    assert await anext(events) == ContactWarned(BOB.uid, WarningKind.SPLIT_VIEW)
    assert warned(house) == [(BOB.uid, WarningKind.SPLIT_VIEW)]
    assert not house.contacts.is_verified(BOB.uid)


async def test_the_code_of_somebody_else_compares_nothing(house: House) -> None:
    for_carol = compose_safety_card(BOB.uid, BOB.chain.head, CAROL.uid, CAROL.chain.head).to_bytes()
    with pytest.raises(SafetyMismatch):
        await house.contacts.compare(BOB.uid, for_carol)
    own = house.contacts.qr(BOB.uid)
    with pytest.raises(SafetyMismatch):
        await house.contacts.compare(BOB.uid, own)
    with pytest.raises(BadSafetyCard):
        await house.contacts.compare(BOB.uid, b"miss:pair?")


def test_a_stranger_has_no_words(house: House) -> None:
    with pytest.raises(NotReachable):
        house.contacts.safety_words(CAROL.uid)
    with pytest.raises(NotReachable):
        house.contacts.set_verified(CAROL.uid)


class Heard(logging.Handler):
    """Set once something was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.once = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.once.set()


@pytest.fixture
def put_off() -> Iterator[Heard]:
    """Hears that nobody could be taken out."""
    heard, logger = Heard(), logging.getLogger("miss.client.outgoing.departures")
    logger.addHandler(heard)
    yield heard
    logger.removeHandler(heard)


async def test_a_departure_that_a_reset_held_up_goes_on_once_it_is_accepted(
    server: ChatServer, put_off: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miss.client.outgoing.departures.JITTER_S", 0)
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(CLAIRE_TEMOIN) as carol:
        cid = await alice.create_conversation([bob_uid, carol_uid])
        await until_true(carol, carol.conversations)
        await second_devices.reset(server, PAUL_EXEMPLE, "nouveau")
        await until_true(alice, lambda: alice.contacts.is_blocked(bob_uid))
        carol.contacts.accept(bob_uid)
        await carol.wait_sent(carol.leave(cid))
        async with asyncio.timeout(WAIT_S):
            await put_off.once.wait()
        alice.contacts.accept(bob_uid)
        await until_true(carol, lambda: not carol.conversation(cid).is_member)
