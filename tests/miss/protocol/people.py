"""Three fictive practitioners, an operator and a repeatable randomness, for the tests of the protocol.

Identifiers are offset (Alice 0x1…, Bob 0x2…, Carol 0x3…) so that a mix-up shows in a failure.
"""

import hashlib
from dataclasses import dataclass, field, replace

from nacl.signing import SigningKey

from miss.base.ids import AccountId, DeviceId, MessageId
from miss.protocol.crypto.chains import Chain, apply_link, verify_chain
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role
from miss.protocol.crypto.envelopes import Body
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import DevicePublic, Link, Proof, Who, compose_genesis, countersign
from miss.protocol.crypto.membership import Author, compose_commit
from miss.protocol.crypto.opcert import OpCert, Purpose, compose_opcert

NOW_MS = 1_790_000_000_000
YEAR_MS = 365 * 24 * 3600 * 1000
BY_CODE = Proof("activation-code", NOW_MS)
BY_DEVICE = Proof("device", NOW_MS)
ON_PAPER = Proof("paper", NOW_MS)


class Stream:
    """`RandomBytes` that repeats: the same seed gives the same bytes."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._taken = 0

    def __call__(self, size: int) -> bytes:
        self._taken += 1
        return hashlib.shake_256(self._seed + self._taken.to_bytes(8, "big")).digest(size)


@dataclass(frozen=True)
class Operator:
    root: SigningKey = field(default_factory=lambda: SigningKey(b"R" * 32))
    op: SigningKey = field(default_factory=lambda: SigningKey(b"O" * 32))
    rc: SigningKey = field(default_factory=lambda: SigningKey(b"C" * 32))

    @property
    def root_public(self) -> bytes:
        return bytes(self.root.verify_key)

    def cert(self, purpose: Purpose = Purpose.IDENTITY) -> OpCert:
        key = self.op if purpose is Purpose.IDENTITY else self.rc
        return compose_opcert(
            self.root,
            purpose=purpose,
            public=bytes(key.verify_key),
            not_before_ms=NOW_MS - YEAR_MS,
            not_after_ms=NOW_MS + YEAR_MS,
        )


OPERATOR = Operator()


@dataclass(frozen=True)
class Person:
    uid: AccountId
    did: DeviceId
    keys: DeviceKeys
    user_key: UserKey
    who: Who
    links: tuple[Link, ...]
    chain: Chain

    @property
    def author(self) -> Author:
        return Author(self.uid, self.did, self.keys)

    def after(self, *links: Link) -> "Person":
        """The same person once the operator has countersigned these links too."""
        signed = tuple(countersign(link, OPERATOR.op) for link in links)
        chain = self.chain
        for link in signed:
            chain = apply_link(chain, link)
        return replace(self, links=self.links + signed, chain=chain)


def person(number: int, family: str) -> Person:
    keys = DeviceKeys.from_secret(bytes([number]) * 64)
    user_key = UserKey(1, bytes([number + 0x80]) * 32)
    uid = AccountId(bytes([number]) + bytes(14) + b"\x01")
    did = DeviceId(bytes([number]) + bytes(14) + b"\x02")
    who = Who(f"9990000{number:04d}", family, "Camille", "Médecin")
    link = compose_genesis(uid=uid, did=did, keys=keys, user_key=user_key, who=who, proof=BY_CODE, ts_ms=NOW_MS)
    signed = countersign(link, OPERATOR.op)
    chain = verify_chain([signed], OPERATOR.root_public, [OPERATOR.cert().raw], now_ms=NOW_MS)
    return Person(uid, did, keys, user_key, who, (signed,), chain)


ALICE = person(0x10, "Aubert")
BOB = person(0x20, "Bernard")
CAROL = person(0x30, "Caron")


def chains(*people: Person) -> dict[AccountId, Chain]:
    return {person.uid: person.chain for person in people}


def new_device(number: int) -> tuple[DevicePublic, DeviceKeys]:
    """A device nobody has linked yet."""
    keys = DeviceKeys.from_secret(bytes([number]) * 64)
    return DevicePublic(DeviceId(bytes([number]) * 16), keys.ik_public, keys.ek_public), keys


def body(text: str = "Bonjour", number: int = 1) -> Body:
    return Body(mid=MessageId(number.to_bytes(16, "big")), ts=NOW_MS, type="text", text=text)


@dataclass(frozen=True)
class Team:
    """A conversation of Alice (admin) and Bob after its first commit."""

    commit: Commit
    es: bytes


def team(history: HistoryPolicy = HistoryPolicy.NOTHING) -> Team:
    commit, es = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=Policy(ttl_s=0, history=history),
        chains=chains(ALICE, BOB),
        random_bytes=Stream("team"),
    )
    return Team(commit, es)
