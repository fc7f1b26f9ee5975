"""What people can do next, by the model: the ways in which each act is possible, in a fixed order."""

from miss.protocol import limits
from miss.protocol.crypto.commits import Role
from tests.e2e.entitlement.acts import MAX_DEVICES, NAMES
from tests.e2e.entitlement.device import Device, State
from tests.e2e.entitlement.model import Name, Room
from tests.e2e.entitlement.world import World


class Choices:
    """On one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _rooms(self) -> list[Room]:
        return list(self._world.rooms.values())

    # Conversations

    def create(self) -> list[Name]:
        """Devices whose owner has somebody to talk to."""
        return [device.name for device in self._world.connected() if len(self._world.rooms) < 4]

    def others(self, by: Name) -> list[Name]:
        """Everybody but the owner of a device."""
        return [name for name in self._world.people if name != self._world.devices[by].owner.name]

    def _admins(self) -> list[tuple[Room, Name, Name]]:
        """A conversation, a connected device of an admin who stays, and the admin."""
        return [
            (room, device.name, device.owner.name)
            for room in self._rooms
            for device in self._world.connected()
            if device.owner.name in room.admins and device.owner.name not in room.leaving
        ]

    def join(self) -> list[tuple[Room, Name, Name]]:
        """A conversation, the device that lets in, and whom."""
        return [
            (room, by, name) for room, by, _ in self._admins() for name in self._world.people if name not in room.roles
        ]

    def remove(self) -> list[tuple[Room, Name, Name]]:
        """A conversation, the device that takes out, and whom."""
        return [(room, by, name) for room, by, admin in self._admins() for name in room.roles if name != admin]

    def set_role(self) -> list[tuple[Room, Name, Name, Role]]:
        """A conversation, the device that decides, about whom, and what they become."""
        ways = []
        for room, by, _ in self._admins():
            for name, role in room.roles.items():
                other = Role.MEMBER if role is Role.ADMIN else Role.ADMIN
                if not room.is_last_admin(name) and name not in room.leaving:
                    ways.append((room, by, name, other))
        return ways

    def speak(self, room: Room | None = None, *, connected: bool) -> list[tuple[Room, Name]]:
        """A conversation, and a device that can write to it, as far as it knows."""
        ways = []
        for one in self._rooms:
            for device in self._world.living():
                if room not in (None, one) or not device.is_on or (connected and not device.is_connected):
                    continue
                if self._believes_in(device, one) and device.owner.name not in one.locked_out:
                    ways.append((one, device.name))
        return ways

    def _believes_in(self, device: Device, room: Room) -> bool:
        cid = self._world.cids[room.name]
        if device.store.conversations.find(cid) is None:
            return False
        known = device.client.conversation(cid)
        return known.is_member and not known.is_leaving

    def leave(self) -> list[tuple[Room, Name]]:
        ways = self.speak(connected=True)
        return [(room, by) for room, by in ways if not room.is_last_admin(self._world.devices[by].owner.name)]

    # People and devices

    def arrive(self) -> list[Name]:
        return [name for name in NAMES if name not in self._world.people]

    def pair(self) -> list[Name]:
        """Devices whose owner may have one more."""
        return [one.name for one in self._world.connected() if len(list(self._world.living(one.owner))) < MAX_DEVICES]

    def connected(self) -> list[Name]:
        return [device.name for device in self._world.connected()]

    def enrol_recovery(self) -> list[Name]:
        """Connected devices whose owner has room for a recovery key."""
        return [one.name for one in self._world.connected() if self._count(one.owner.name) < limits.MAX_DEVICES]

    def _count(self, person: Name) -> int:
        """The devices that count, in somebody's hands or lost, the recovery key aside."""
        counting = (State.LIVING, State.LOST)
        return sum(one.owner.name == person and one.state in counting for one in self._world.devices.values())

    def revoke(self) -> list[tuple[Name, Name]]:
        """A device, and another one of the same person that counts."""
        return [
            (by.name, target.name)
            for by in self._world.connected()
            for target in self._world.devices.values()
            if target.owner is by.owner and target is not by and target.state in (State.LIVING, State.LOST)
        ]

    def recover(self) -> list[Name]:
        """People with a recovery key, which lets in one device more than others do."""
        people = self._world.people.values()
        return [one.name for one in people if one.recovery_code and self._count(one.name) < limits.MAX_DEVICES]

    def people(self) -> list[Name]:
        return list(self._world.people)

    # What happens to devices

    def on(self) -> list[Name]:
        return [device.name for device in self._world.living() if device.is_on]

    def off(self) -> list[Name]:
        return [device.name for device in self._world.living() if not device.is_on]

    def restore(self) -> list[Name]:
        """Devices of which something lies aside."""
        return [
            device.name
            for device in self._world.devices.values()
            if device.backup is not None and device.state is not State.LOCKED
        ]

    def mend(self) -> list[Name]:
        return [device.name for device in self._world.living() if not device.line.is_whole]
