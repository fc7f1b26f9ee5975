"""What stores hold that nobody is shown: secrets.  A secret too many opens what its owner may not read."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from miss.base.ids import AccountId, ConversationId
from miss.client import Store
from miss.client.errors import StoreHasNoDevice
from miss.protocol.crypto.commits import open_box, open_history
from miss.protocol.crypto.envelopes import parse_header
from miss.protocol.crypto.keys import UserKey, open_user_key
from miss.protocol.crypto.vault import open_vault_entry
from miss.protocol.errors import ProtocolError
from tests.e2e.entitlement.model import Name
from tests.e2e.entitlement.world import World
from tests.miss.client.devices import KEY

Place = tuple[ConversationId, int]


@dataclass(frozen=True)
class Stolen:
    """The copy of a store that somebody took before the device was taken out."""

    name: Name
    folder: Path
    ends: dict[ConversationId, int]
    """Where each log stood then."""


async def list_epochs(world: World) -> dict[Place, bytes]:
    """The commit under which each envelope of the server is sealed."""
    return {(cid, seq): parse_header(env).commit for cid, seq, env in await world.platform.envelopes()}


def check_holdings(world: World, sealed_under: dict[Place, bytes]) -> None:
    """No device holds the secret of a message that its owner may not read, shown or not."""
    for device in world.connected():
        for room in world.rooms.values():
            cid = world.cids[room.name]
            for seq in room.said.keys() - room.readable(device.owner.name).keys():
                epoch = device.store.conversations.find_epoch_of(cid, sealed_under[cid, seq])
                assert epoch is None or epoch.es is None, f"{device.name} could open {seq} of {room.name}"


async def check_stolen(world: World, stolen: Stolen, sealed_under: dict[Place, bytes]) -> None:
    """With everything that the server keeps for its owner, the copy opens nothing that was sealed later."""
    later = {commit for (cid, seq), commit in sealed_under.items() if seq > stolen.ends.get(cid, 0)}
    with Store(stolen.folder / "store", KEY, world.random_bytes) as store:
        try:
            device, user_key = store.device.get(), store.device.last_user_key()
        except StoreHasNoDevice:
            return
        opened = {epoch.commit.hash for _, epoch in store.conversations.every_epoch() if epoch.es is not None}
    keys = [user_key]
    for row in await world.platform.user_key_boxes(device.uid):
        with suppress(ProtocolError):
            keys.append(open_user_key(row.sealed, device.uid, device.did, row.generation, device.keys))
    for key in keys:
        opened |= await _open_all(world, device.uid, key)
    assert not opened & later, f"the thief of {stolen.name} opens what was sealed after"


async def _open_all(world: World, uid: AccountId, key: UserKey) -> set[bytes]:
    """The commits whose secret a user key opens, of all that the server keeps for its owner."""
    commits = {(commit.core.cid, commit.core.epoch): commit for commit in await world.platform.commits()}
    opened: set[bytes] = set()
    for box in await world.platform.boxes(uid):
        cid = ConversationId(box.cid)
        commit = commits[cid, box.epoch].with_box(uid, box.box, box.history)
        with suppress(ProtocolError):
            open_box(commit, uid, key)
            opened.add(commit.hash)
            earlier = {epoch: known for (of, epoch), known in commits.items() if of == cid}
            opened |= {commits[cid, epoch].hash for epoch in open_history(commit, uid, key, earlier)}
    for entry in await world.platform.vault(uid):
        cid = ConversationId(entry.cid)
        with suppress(ProtocolError):
            open_vault_entry(key, uid, cid, entry.epoch, entry.sealed)
            opened.add(commits[cid, entry.epoch].hash)
    return opened
