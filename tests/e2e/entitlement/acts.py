"""What people do: for real, then in the model.  Each act waits for what it does itself, and for nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from miss.base.ids import MessageId
from miss.client import HistoryPolicy, Policy, Store, link_device, pair_device, recover_device, reset_device
from miss.client.account.invitation import Invitation
from miss.client.errors import ContactReset, PairingOutdated, ServerRefused, ServerUnreachable
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import EVERYBODY
from miss.protocol.crypto.commits import Role
from tests.e2e.entitlement.device import Backup, Device, Person, State
from tests.e2e.entitlement.evidence import Stolen, check_holdings, check_stolen, list_epochs
from tests.e2e.entitlement.model import Name, Room
from tests.e2e.entitlement.world import Waiting, World, until
from tests.miss.client.devices import KEY

T = TypeVar("T")
MAX_DEVICES: Final = 3
"""In one person's hands."""
NAMES: Final = dict(zip("abcdefgh", EVERYBODY, strict=True))


class Acts:
    """On one world.  People, devices and conversations are named."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stolen: list[Stolen] = []

    # Conversations

    async def create(self, by: Name, others: list[Name], *, is_open: bool) -> Room:
        device = self.world.devices[by]
        policy = Policy(history=HistoryPolicy.EVERYTHING if is_open else HistoryPolicy.NOTHING)
        uids = [self.world.people[name].uid for name in others]
        cid = await self._insist(device, lambda: device.client.create_conversation(uids, policy=policy))
        roles = {**dict.fromkeys(others, Role.MEMBER), device.owner.name: Role.ADMIN}
        room = Room(f"r{len(self.world.rooms) + 1}", is_open, roles)
        self.world.rooms[room.name], self.world.cids[room.name] = room, cid
        return room

    async def join(self, room: Room, by: Name, newcomer: Name, role: Role) -> None:
        device, uid, cid = self.world.devices[by], self.world.people[newcomer].uid, self.world.cids[room.name]
        await self._insist(device, lambda: device.client.add_member(cid, uid, role))
        room.join(newcomer, role, device.owner.name)

    async def remove(self, room: Room, by: Name, person: Name) -> None:
        device, uid, cid = self.world.devices[by], self.world.people[person].uid, self.world.cids[room.name]
        await self._insist(device, lambda: device.client.remove_member(cid, uid))
        room.part(person)

    async def set_role(self, room: Room, by: Name, person: Name, role: Role) -> None:
        device, uid, cid = self.world.devices[by], self.world.people[person].uid, self.world.cids[room.name]
        await self._insist(device, lambda: device.client.set_role(cid, uid, role))
        room.roles[person] = role
        room.renew()

    def leave(self, room: Room, by: Name) -> None:
        device = self.world.devices[by]
        self._take_on(device, room, device.client.leave(self.world.cids[room.name]), "")

    async def _insist(self, device: Device, act: Callable[[], Awaitable[T]]) -> T:
        """Do it, as a person does: again if the network failed, or after looking at warnings about others."""
        try:
            return await act()
        except ServerUnreachable:
            return await act()
        except ContactReset:
            self.world.accept_resets(device)
            return await act()

    # Messages

    def say(self, room: Room, by: Name) -> None:
        """It goes to the outbox, whether the device is connected or not."""
        device = self.world.devices[by]
        text = f"{by}#{next(self.world.numbers)}"
        self._take_on(device, room, device.client.send_text(self.world.cids[room.name], text), text)

    def _take_on(self, device: Device, room: Room, mid: MessageId, text: str) -> None:
        self.world.waiting[mid] = Waiting(room.name, text, next(self.world.numbers))
        device.outbox.add(mid)

    # People and their devices

    async def arrive(self, name: Name) -> Person:
        """Somebody new, with a first device."""
        person = Person(name, NAMES[name])
        code = await self.world.platform.open_account(person.rpps)
        self.world.people[name] = person
        device = await self.world.make_device(person)
        with self._store(device) as store:
            person.uid = await link_device(
                store,
                device.line.url,
                rpps=person.rpps,
                code=code,
                device_name=device.name,
                expected_fingerprint=self.world.platform.fingerprint,
                clock=self.world.clock,
                random_bytes=self.world.random_bytes,
            )
            device.did = store.device.get().did
        await device.switch_on()
        return person

    def _store(self, device: Device) -> Store:
        return Store(device.path, KEY, self.world.random_bytes)

    async def pair(self, by: Name) -> Device:
        """One more device, let in by another; once more if the chain has grown meanwhile."""
        old = self.world.devices[by]
        new = await self.world.make_device(old.owner)
        try:
            await self._pair(old, new)
        except PairingOutdated:
            await self._pair(old, new)
        await new.switch_on()
        return new

    async def _pair(self, old: Device, new: Device) -> None:
        invitation = await self._invite(old)
        answered = asyncio.create_task(self._answer(new, invitation.code))
        try:
            assert (await invitation.offer()).name == new.name
            await invitation.accept()
            await answered
        finally:
            answered.cancel()

    async def _invite(self, device: Device) -> Invitation:
        """A code to show; somebody who has let in three devices within ten minutes waits for those to pass."""
        try:
            return await self._insist(device, device.client.devices.invite)
        except ServerRefused as refused:
            if refused.server_code != "pairing_too_many":
                raise
            self.pass_time(timedelta(minutes=11))
            return await device.client.devices.invite()

    async def _answer(self, device: Device, code: str) -> None:
        world = self.world
        with self._store(device) as store:
            await pair_device(
                store,
                device.line.url,
                code,
                device_name=device.name,
                clock=world.clock,
                random_bytes=world.random_bytes,
            )
            device.did = store.device.get().did

    async def rotate(self, by: Name) -> None:
        device = self.world.devices[by]
        await self._insist(device, device.client.devices.rotate)

    async def revoke(self, by: Name, target: Name) -> None:
        """What its thief has copied is looked at in the end."""
        device = self.world.devices[target]
        await self._steal(device)
        other = self.world.devices[by]
        await self._insist(other, lambda: other.client.devices.revoke(device.did))
        device.state = State.REVOKED
        if device.is_connected:
            await self.end(device)

    async def end(self, device: Device) -> None:
        """A device that does not count any more learns it."""
        device.line.mend()
        if not device.is_on:
            await device.switch_on()
        standing = device.client._parts.standing
        await until(lambda: standing.is_out, f"{device.name} does not know that it is out")
        if device.state is State.REVOKED:
            assert device.store.device.find() is None
            assert device.store.conversations.list_() == []
        else:
            assert standing.locked
        await device.switch_off()
        device.wipe()
        device.outbox.clear()

    async def _steal(self, device: Device) -> None:
        copy = self.world.folder / f"{device.name}-stolen"
        if device.path.exists():
            device.copy_to(copy)
        elif device.backup is not None:
            copy = device.backup.folder
        else:
            return
        heads = await self.world.platform.heads()
        self.stolen.append(Stolen(device.name, copy, {cid: head.last_seq for cid, head in heads.items()}))

    async def enrol_recovery(self, by: Name) -> None:
        """A recovery key, or another one in its place."""
        device = self.world.devices[by]
        recovery = device.client.recovery
        prepared = await (recovery.replace() if device.owner.recovery_code else recovery.prepare())
        await self._insist(device, lambda: prepared.confirm(prepared.secret))
        device.owner.recovery_code = prepared.secret

    async def lose_all_and_recover(self, name: Name) -> None:
        """Every device of a person falls into a canal; what they have left is on paper."""
        for device in list(self.world.living(self.world.people[name])):
            if device.is_on:
                await device.switch_off()
            device.wipe()
            device.outbox.clear()
            device.state = State.LOST
        await self.recover(name)

    async def recover(self, name: Name) -> Device:
        """A new device by the recovery key."""
        person, world = self.world.people[name], self.world
        device = await world.make_device(person)
        with self._store(device) as store:
            await recover_device(
                store,
                device.line.url,
                rpps=person.rpps,
                ticket=await world.platform.issue(person.rpps, ActivationPurpose.RECOVERY),
                code=person.recovery_code,
                device_name=device.name,
                expected_fingerprint=world.platform.fingerprint,
                clock=world.clock,
                random_bytes=world.random_bytes,
            )
            device.did = store.device.get().did
        await device.switch_on()
        return device

    async def reset(self, name: Name) -> Device:
        """The operator starts a person over: a new device, and nothing of before."""
        person, world = self.world.people[name], self.world
        for old in [device for device in world.devices.values() if device.owner is person]:
            if old.state in (State.LIVING, State.LOST):
                await self._steal(old)
                old.state = State.LOCKED
        device = await world.make_device(person)
        with self._store(device) as store:
            await reset_device(
                store,
                device.line.url,
                rpps=person.rpps,
                code=await world.platform.issue(person.rpps, ActivationPurpose.RESET),
                device_name=device.name,
                expected_fingerprint=world.platform.fingerprint,
                clock=world.clock,
                random_bytes=world.random_bytes,
            )
            device.did = store.device.get().did
        person.was_reset, person.recovery_code = True, ""
        for room in world.rooms.values():
            room.start_over(name)
        for old in world.devices.values():
            if old.owner is person and old.state is State.LOCKED and old.is_connected:
                await self.end(old)
        await device.switch_on()
        return device

    # What happens to devices and to the server

    async def crash(self, name: Name, turns: int = 0) -> None:
        """`turns`: of the event loop, until then."""
        for _ in range(turns):
            await asyncio.sleep(0)
        await self.world.devices[name].crash()
        await self._let_land(name)

    async def _let_land(self, name: Name) -> None:
        """What a device sent before it went has its place in the log, so that what comes next comes after it."""
        did, platform = self.world.devices[name].did, self.world.platform
        await until(lambda: not platform.hears(did), f"the server has not noticed that {name} is gone")
        await until(lambda: not platform.is_writing, f"what {name} has sent is not in the log")

    async def switch_on(self, name: Name) -> None:
        await self.world.devices[name].switch_on()

    async def switch_off(self, name: Name) -> None:
        await self.world.devices[name].switch_off()
        await self._let_land(name)

    def put_aside(self, name: Name) -> None:
        """A backup of the device's disk."""
        device = self.world.devices[name]
        folder = self.world.folder / f"{name}-aside"
        device.copy_to(folder)
        device.backup = Backup(folder, set(device.outbox))

    async def restore(self, name: Name) -> None:
        """The device's disk is as it was when it was put aside; what it did since, it does not know."""
        device = self.world.devices[name]
        assert device.backup is not None
        if device.is_on:
            await device.switch_off()
        # Of its own messages a device hears once, on the connection that sent them.
        await self._let_land(name)
        device.replace_by(device.backup.folder)
        device.outbox = {mid for mid in device.backup.outbox if mid in self.world.waiting}
        device.was_restored = True
        if device.state is State.LOST:
            device.state = State.LIVING
        if device.state is State.LIVING:
            await device.switch_on()
        else:
            await self.end(device)

    async def cut(self, name: Name) -> None:
        self.world.devices[name].line.cut()
        await self._let_land(name)

    def mend(self, name: Name) -> None:
        self.world.devices[name].line.mend()

    async def restart_server(self) -> None:
        await self.world.platform.stop()
        for device in self.world.devices.values():
            device.line.drop()
        await self.world.platform.start()

    def pass_time(self, by: timedelta) -> None:
        self.world.clock.advance(by)

    # The end

    async def end_story(self) -> None:
        """Everybody comes back, and gets a new device: all of them read what the model says, and hold nothing else."""
        world = self.world
        for device in list(world.devices.values()):
            device.line.mend()
            if device.state in (State.REVOKED, State.LOCKED) and device.path.exists():
                await self.end(device)
            elif device.state is State.LIVING and not device.is_on:
                await device.switch_on()
        await world.come_to_rest()
        for person in world.people.values():
            if by := next(world.connected(person), None):
                await self.pair(by.name)
            elif person.recovery_code:
                await self.recover(person.name)
        await world.come_to_rest()
        sealed_under = await list_epochs(world)
        check_holdings(world, sealed_under)
        for stolen in self.stolen:
            await check_stolen(world, stolen, sealed_under)
