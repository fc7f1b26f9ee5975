"""Stores of the fictive people of the protocol's tests, linked without a server."""

from pathlib import Path

from miss.base.ids import ConversationId
from miss.client import Client
from miss.client.model import TEXT
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import Commit, Policy, Role
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.opcert import Purpose
from tests.miss.protocol.people import ALICE, BOB, CAROL, OPERATOR, Person, Stream, Team, chains

KEY = b"k" * 32
EVERYBODY = (ALICE, BOB, CAROL)
PLAIN = Policy()
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


def first_epoch(*members: Person, policy: Policy = PLAIN) -> tuple[Commit, bytes]:
    """A conversation of Alice's, and its first secret."""
    return next_epoch(None, *members, policy=policy)


def next_epoch(previous: Commit | None, *members: Person, policy: Policy = PLAIN) -> tuple[Commit, bytes]:
    """Alice's next commit, with these members; all but her are plain ones."""
    before = [person for person in EVERYBODY if previous is not None and previous.member(person.uid)]
    return compose_commit(
        author=ALICE.author,
        members={person.uid: Role.ADMIN if person is ALICE else Role.MEMBER for person in members},
        policy=policy,
        chains=chains(*members, *before),
        random_bytes=Stream(f"epoch {previous.core.epoch if previous else 0}"),
        previous=previous,
    )


def texts(client: Client, cid: ConversationId) -> list[str]:
    """What this client shows of a conversation."""
    return [message.text or message.refused for message in client.messages(cid) if message.type == TEXT]
