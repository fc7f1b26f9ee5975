"""Stores of the fictive people of the protocol's tests, linked without a server."""

from pathlib import Path

from miss.base.ids import ConversationId
from miss.client import Client
from miss.client.model import TEXT
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.opcert import Purpose
from tests.miss.protocol.people import OPERATOR, Person, Stream, Team

KEY = b"k" * 32
SERVER = "http://chat.example"


def linked_store(path: Path, owner: Person, *contacts: Person) -> Store:
    """The store of `owner`'s device, which has met `contacts`."""
    store = Store(path, KEY, Stream(owner.who.family))
    link = owner.links[0].to_bytes()
    store.device.keep(
        DeviceRecord(owner.uid, owner.did, owner.keys, SERVER, OPERATOR.root_public, link), owner.user_key
    )
    store.device.mark_linked()
    store.device.add_opcerts([OPERATOR.cert().raw, OPERATOR.cert(Purpose.RECEIPT).raw])
    for person in (owner, *contacts):
        store.people.append(person.uid, 1, [link.to_bytes() for link in person.links])
    return store


def join(store: Store, team: Team) -> None:
    """Let the store hold the team's conversation, with its secret."""
    store.conversations.add(team.commit.core.cid, 0)
    store.conversations.add_epoch(team.commit, team.es)


def texts(client: Client, cid: ConversationId) -> list[str]:
    """What this client shows of a conversation."""
    return [message.text or message.refused for message in client.messages(cid) if message.type == TEXT]
