"""People with real keys and verified chains, as many as a measurement needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from nacl.signing import SigningKey

from miss.base.clock import SystemClock, to_ms
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.base.random import system_random
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role
from miss.protocol.crypto.envelopes import TEXT, Body
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import DevicePublic, Link, Proof, Who, compose_genesis, cosign, countersign
from miss.protocol.crypto.membership import Author, compose_commit
from miss.protocol.crypto.opcert import Purpose, compose_opcert

NOW_MS = to_ms(SystemClock().now())
YEAR_MS = 365 * 24 * 3600 * 1000


class Operator:
    """ROOT, OP and RC, certified."""

    def __init__(self) -> None:
        root, self.op, self.rc = (SigningKey(system_random(32)) for _ in range(3))
        self.root_public = bytes(root.verify_key)
        self.certs = [
            compose_opcert(
                root,
                purpose=purpose,
                public=bytes(key.verify_key),
                not_before_ms=NOW_MS - YEAR_MS,
                not_after_ms=NOW_MS + YEAR_MS,
            )
            for purpose, key in ((Purpose.IDENTITY, self.op), (Purpose.RECEIPT, self.rc))
        ]
        self.opcerts = [cert.raw for cert in self.certs]

    def verify(self, links: Sequence[Link], after: Chain | None = None) -> Chain:
        """The chain of these links, as every client verifies it."""
        return verify_chain(links, self.root_public, self.opcerts, now_ms=NOW_MS, after=after)


@dataclass(frozen=True)
class Person:
    """Somebody, on a first device."""

    uid: AccountId
    did: DeviceId
    keys: DeviceKeys
    user_key: UserKey
    links: tuple[Link, ...]
    chain: Chain

    @property
    def author(self) -> Author:
        return Author(self.uid, self.did, self.keys)


def person(operator: Operator, devices: int = 1) -> Person:
    """A new person with that many devices."""
    uid, did = AccountId(system_random(16)), DeviceId(system_random(16))
    keys, user_key = DeviceKeys.generate(system_random), UserKey.generate(1, system_random)
    who = Who("99900000011", "Modèle", "Camille", "Médecin")
    proof = Proof("activation-code", NOW_MS)
    genesis = compose_genesis(uid=uid, did=did, keys=keys, user_key=user_key, who=who, proof=proof, ts_ms=NOW_MS)
    links = [countersign(genesis, operator.op)]
    chain = operator.verify(links)
    for _ in range(devices - 1):
        link, _keys = add_device(chain, did, keys)
        links.append(countersign(link, operator.op))
        chain = operator.verify(links[-1:], after=chain)
    return Person(uid, did, keys, user_key, tuple(links), chain)


def add_device(chain: Chain, by: DeviceId, by_keys: DeviceKeys) -> tuple[Link, DeviceKeys]:
    """The link that lets in a new device, cosigned by it."""
    keys = DeviceKeys.generate(system_random)
    device = DevicePublic(DeviceId(system_random(16)), keys.ik_public, keys.ek_public)
    link = compose_add(chain, device=device, by=by, by_keys=by_keys, proof=Proof("device", NOW_MS), ts_ms=NOW_MS)
    return cosign(link, keys), keys


@dataclass(frozen=True)
class Team:
    """A conversation after one of its commits; the first person is its admin."""

    people: tuple[Person, ...]
    commit: Commit
    es: bytes

    @property
    def cid(self) -> ConversationId:
        return self.commit.core.cid

    @property
    def chains(self) -> dict[AccountId, Chain]:
        return {one.uid: one.chain for one in self.people}

    def next_commit(self, people: Sequence[Person], secrets: dict[int, bytes] | None = None) -> tuple[Commit, bytes]:
        """The commit after which these people are the members."""
        return compose(people, self.commit, secrets)


def compose(
    people: Sequence[Person], previous: Commit | None = None, secrets: dict[int, bytes] | None = None
) -> tuple[Commit, bytes]:
    """A commit by the first of `people`; newcomers get `secrets`."""
    admin, *others = people
    return compose_commit(
        author=admin.author,
        members={admin.uid: Role.ADMIN} | {one.uid: Role.MEMBER for one in others},
        policy=Policy(history=HistoryPolicy.EVERYTHING),
        chains={one.uid: one.chain for one in people},
        random_bytes=system_random,
        previous=previous,
        secrets=secrets,
    )


def gather(people: Sequence[Person]) -> Team:
    """Their conversation after its first commit."""
    commit, es = compose(people)
    return Team(tuple(people), commit, es)


def message(text: str) -> Body:
    return Body(mid=MessageId(system_random(16)), ts=NOW_MS, type=TEXT, text=text)
