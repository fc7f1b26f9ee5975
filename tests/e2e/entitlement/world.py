"""People, devices and conversations, and what it takes for them to come to rest.

At rest, what is known to be on its way has arrived, and every connected device shows what the model says: nothing
less, nothing more, in the order of the log.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from miss.base.clock import MovableClock, monotonic_s
from miss.base.ids import AccountId, ConversationId, MessageId
from miss.base.random import RandomBytes
from miss.client.errors import ContactReset
from miss.client.events import CommitRefused, MessageRefused
from miss.client.model import TEXT
from miss.protocol.errors import BoxMissing
from tests.conditions import WAIT_S
from tests.e2e.entitlement.device import Device, Person, State
from tests.e2e.entitlement.line import Line
from tests.e2e.entitlement.model import Name, Room
from tests.e2e.entitlement.platform import Head, Platform

SEED: Final = 20261120
"""How long the world may take to come to rest."""
LOOK_S: Final = 0.01
"""Between two looks; several programs have to agree, and no single event says that they do."""


def hurried(seed: int) -> RandomBytes:
    """Repeatable randomness; what clients draw to wait for (four bytes) comes to next to nothing."""
    rng = Random(seed)
    return lambda size: bytes(1) + rng.randbytes(3) if size == 4 else rng.randbytes(size)


async def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Wait for something that no event tells.  Raises AssertionError."""
    deadline_s = monotonic_s() + WAIT_S
    while not holds():
        assert monotonic_s() < deadline_s, otherwise
        await asyncio.sleep(LOOK_S)


@dataclass(frozen=True)
class Waiting:
    """A message that a device has taken on."""

    room: Name
    text: str
    """Empty: a goodbye."""
    number: int
    """In the order in which people spoke."""


@dataclass
class Tally:
    """What a run has seen."""

    acts: int = 0
    messages: int = 0
    readings: int = 0
    """Messages that a device had to show, and did."""
    beyond: int = 0
    """Places that a device could not open and had no title to: those of before a reset."""


class World:
    """Everything there is."""

    def __init__(self, platform: Platform, folder: Path, clock: MovableClock, tally: Tally) -> None:
        self.platform = platform
        self.folder = folder
        self.clock = clock
        self.random_bytes = hurried(SEED)
        self.people: dict[Name, Person] = {}
        self.devices: dict[Name, Device] = {}
        self.rooms: dict[Name, Room] = {}
        self.cids: dict[Name, ConversationId] = {}
        self.waiting: dict[MessageId, Waiting] = {}
        """Everything that was taken on and was not seen in the log yet, even if the device has forgotten it."""
        self.tally = tally
        self.numbers = count(1)
        self._spoken: defaultdict[tuple[Name, Name], int] = defaultdict(int)
        """The latest message of each device in each conversation."""

    async def close(self) -> None:
        for device in self.devices.values():
            if device.is_on:
                await device.switch_off()
            await device.line.close()

    async def make_device(self, owner: Person) -> Device:
        """An installation, not linked yet."""
        name = f"{owner.name}{sum(device.owner is owner for device in self.devices.values()) + 1}"
        line = Line(self.platform.find_port)
        await line.open()
        device = Device(name, owner, self.folder / f"{name}.db", line, self.clock, self.random_bytes)
        self.devices[name] = device
        return device

    # Who is who

    def living(self, owner: Person | None = None) -> Iterator[Device]:
        """The devices that count and that somebody has."""
        for device in self.devices.values():
            if device.state is State.LIVING and (owner is None or device.owner is owner):
                yield device

    def connected(self, owner: Person | None = None) -> Iterator[Device]:
        return (device for device in self.living(owner) if device.is_connected)

    def name_of(self, uid: AccountId) -> Name:
        [name] = [person.name for person in self.people.values() if person.uid == uid]
        return name

    def name_of_room(self, cid: ConversationId) -> Name:
        [name] = [name for name, known in self.cids.items() if known == cid]
        return name

    # Coming to rest

    async def come_to_rest(self) -> None:
        """Wait until everything has arrived.  Raises AssertionError with what has not."""
        deadline_s = monotonic_s() + WAIT_S
        while unrest := await self._find_unrest():
            assert monotonic_s() < deadline_s, unrest
            await asyncio.sleep(LOOK_S)
        for room in self.rooms.values():
            room.before = set(room.roles)
            self.tally.readings += sum(len(self.shown(device, room)) for device in self.connected())
        for device in self.devices.values():
            self._hear_complaints(device)

    async def _find_unrest(self) -> str:
        """What keeps the world from being at rest; empty if nothing does."""
        await self._learn()
        heads = await self.platform.heads()
        for device in self.connected():
            self.accept_resets(device)
            if not device.is_caught_up:
                return f"{device.name} has not caught up"
            if unrest := self._look_at_outbox(device):
                return unrest
            for room in self.rooms.values():
                if unrest := self._compare(device, room, heads[self.cids[room.name]]):
                    return f"{device.name} in {room.name}: {unrest}"
        for room in self.rooms.values():
            for person in room.leaving:
                if any(device.owner.name in room.who_takes_out(person) for device in self.connected()):
                    return f"{person} is still in {room.name}"
        return ""

    async def _learn(self) -> None:
        """Tell the model what the log has taken."""
        for room in self.rooms.values():
            if room.leaving:
                members = {self.name_of(uid) for uid in await self.platform.members(self.cids[room.name])}
                for person in set(room.leaving) - members:
                    room.part(person)
        if not self.waiting:
            return
        for cid, seq, did, mid, sealed_to in await self.platform.find(list(self.waiting)):
            said = self.waiting.pop(mid)
            room = self.rooms[said.room]
            assert self.cids[room.name] == cid
            [device] = [device for device in self.devices.values() if device.did == did]
            device.outbox.discard(mid)
            if said.text:
                self.tally.messages += 1
                room.say(seq, said.text, {self.name_of(uid) for uid in sealed_to})
            else:
                room.say_goodbye(device.owner.name)
            if not device.was_restored:
                assert said.number > self._spoken[device.name, room.name], f"{device.name}: {said.text} is out of order"
            self._spoken[device.name, room.name] = said.number

    def accept_resets(self, device: Device) -> None:
        """Its owner looks at the warnings, and goes on."""
        for person in self.people.values():
            if person.uid and device.client.contacts.is_blocked(person.uid):
                assert person.was_reset
                device.client.contacts.accept(person.uid)

    def _look_at_outbox(self, device: Device) -> str:
        for name, cid in self.cids.items():
            room = self.rooms[name]
            for entry in device.store.outbox.list_(cid):
                if not entry.failed or entry.failed == ContactReset.code:
                    return f"{device.name} still holds {entry.draft.text or entry.draft.type}"
                is_in = device.owner.name in room.roles and device.owner.name not in room.leaving
                assert not is_in or device.owner.name not in room.before, (
                    f"{device.name} could not say {entry.draft.text} in {name}: {entry.failed}"
                )
                device.client.discard(entry.mid)
                device.outbox.discard(entry.mid)
        return f"{device.name} lost a message" if device.outbox else ""

    def _compare(self, device: Device, room: Room, head: Head) -> str:
        """How what a device shows differs from what it has to show."""
        person, cid = device.owner.name, self.cids[room.name]
        wanted = room.readable(person)
        if device.store.conversations.find(cid) is None:
            return "not there" if wanted or person in room.roles else ""
        shown = self.shown(device, room)
        if beyond := {seq: shown[seq] for seq in shown if wanted.get(seq) != shown[seq]}:
            return f"shows {beyond} of {shown} beyond {wanted}"
        if missing := wanted.keys() - shown.keys() - device.blind_in(room.name):
            refused = {one.seq: one.refused for one in device.client.messages(cid) if one.refused}
            return f"lacks {missing} of {wanted}, refused {refused}"
        conversation = device.client.conversation(cid)
        if person not in room.roles:
            return "still a member" if conversation.is_member else ""
        if conversation.epoch != head.epoch:
            return f"at epoch {conversation.epoch} and not at {head}"
        roles = {self.name_of(member.uid): member.role for member in conversation.members}
        return "" if roles == room.roles else f"members {roles} and not {room.roles}"

    def shown(self, device: Device, room: Room) -> dict[int, str]:
        """What a device shows of a conversation, by place."""
        cid = self.cids[room.name]
        if device.store.conversations.find(cid) is None:
            return {}
        messages = [one for one in device.client.messages(cid) if one.type == TEXT and not one.refused]
        assert [one.seq for one in messages] == sorted({one.seq for one in messages})
        return {one.seq: one.text for one in messages}

    def _hear_complaints(self, device: Device) -> None:
        """Nothing is unreadable to those who may read it, and nobody was shown another log."""
        device.listen()
        for complaint in device.refused:
            match complaint:
                case MessageRefused(message=message):
                    room = self.rooms[self.name_of_room(message.cid)]
                    is_due = message.seq in room.readable(device.owner.name)
                    assert not is_due, f"{device.name} could not read {message.seq} of {room.name}: {message.refused}"
                    assert any(self.people[name].was_reset for name in room.everybody), message.refused
                    device.blind.add((room.name, message.seq))
                    self.tally.beyond += 1
                case CommitRefused(cid=cid, code=code):
                    assert device.owner.was_reset, f"{device.name}: {code} in {self.name_of_room(cid)}"
                    assert code == BoxMissing.code
                case _:
                    raise AssertionError(f"{device.name} was shown another log: {complaint}")
        device.refused.clear()
