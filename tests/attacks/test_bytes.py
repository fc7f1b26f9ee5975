"""Bytes of everything the server hands out, altered at random: refused by name, never accepted, never a crash.

`test_every_object` takes objects of a real conversation apart from any connection, `test_the_wire` alters what passes
between a real server and a real client.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import AccountId, BlobId
from miss.base.random import system_random
from miss.protocol.crypto.attachments import Attachment, decrypt_blob, encrypt_blob, hash_blob
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role, open_box, open_history, parse_commit
from miss.protocol.crypto.envelopes import open_envelope
from miss.protocol.crypto.keys import UserKey, open_user_key, seal_user_key
from miss.protocol.crypto.links import parse_link
from miss.protocol.crypto.membership import compose_commit, verify_commit
from miss.protocol.crypto.opcert import Purpose, verify_opcert
from miss.protocol.crypto.receipts import (
    compose_read_receipt,
    parse_read_receipt,
    parse_receipt,
    verify_read_receipt,
    verify_receipt,
)
from miss.protocol.errors import ProtocolError
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Frame
from tests.attacks.middle import Lie, Said
from tests.attacks.scene import Scene, Template, recover


@dataclass(frozen=True)
class Served:
    """One object as the server hands it out, and what a client does before it believes it."""

    name: str
    raw: bytes
    accept: Callable[[bytes], object]
    """Returns what the client takes from it; raises a ProtocolError."""


def altered(raw: bytes, data: st.DataObject) -> bytes:
    """Some bytes changed, or taken away, or added."""
    how = data.draw(st.sampled_from(["flip", "flip", "flip", "cut", "add"]))
    if how == "cut":
        return raw[: data.draw(st.integers(0, len(raw) - 1))]
    if how == "add":
        return raw + data.draw(st.binary(min_size=1, max_size=8))
    changed = bytearray(raw)
    for place in data.draw(st.sets(st.integers(0, len(raw) - 1), min_size=1, max_size=3)):
        changed[place] ^= data.draw(st.integers(1, 255))
    return bytes(changed)


NAMES = (
    "link", "second link", "certificate", "commit", "box", "history box", "user key box", "envelope", "deposit receipt",
    "read receipt", "blob",
)  # fmt: skip


@pytest.fixture(scope="session")
def served(team: Template) -> dict[str, Served]:
    """Of a real conversation, and what a real conversation does not have yet."""
    objects = [*_identity(team), *_conversation(team), *_content(team)]
    assert tuple(one.name for one in objects) == NAMES
    return {one.name: one for one in objects}


def _chain(team: Template, name: str) -> Chain:
    return verify_chain(map(parse_link, team.links[name]), team.root, team.opcerts)


def _identity(team: Template) -> list[Served]:
    link, certs = team.links["anne"][0], team.opcerts
    chain = _chain(team, "anne")
    return [
        Served("link", link, lambda raw: verify_chain([parse_link(raw)], team.root, certs)),
        Served(
            "second link",
            team.second_link,
            lambda raw: verify_chain([parse_link(raw)], team.root, certs, after=chain),
        ),
        Served("certificate", certs[0], lambda raw: verify_opcert(raw, team.root)),
    ]


def _conversation(team: Template) -> list[Served]:
    chains = {uid: _chain(team, name) for name, uid in team.uids.items()}
    anne, karim = team.authors["anne"], team.authors["karim"]
    first = parse_commit(team.first_commit)
    members = {anne.uid: Role.ADMIN, team.uids["paul"]: Role.MEMBER, team.uids["claire"]: Role.MEMBER}
    commit, _ = compose_commit(
        author=anne,
        members=members | {karim.uid: Role.MEMBER},
        policy=Policy(history=HistoryPolicy.EVERYTHING),
        chains=chains,
        random_bytes=system_random,
        previous=first,
        secrets={1: team.first_secret},
    )
    stripped, key = commit.stripped(), team.user_keys["karim"]
    box, history = commit.box(karim.uid), commit.history_box(karim.uid)
    assert box is not None
    assert history is not None

    def take(raw: bytes) -> Commit:
        parsed = parse_commit(raw)
        verify_commit(parsed, first, chains)
        return parsed

    def open_(raw: bytes) -> bytes:
        return open_box(stripped.with_box(karim.uid, raw, history), karim.uid, key)

    def open_past(raw: bytes) -> dict[int, bytes]:
        return open_history(stripped.with_box(karim.uid, box, raw), karim.uid, key, {1: first})

    sealed = seal_user_key(key, karim.uid, karim.did, karim.keys.ek_public)

    def open_key(raw: bytes) -> UserKey:
        return open_user_key(raw, karim.uid, karim.did, 1, karim.keys)

    return [
        Served("commit", stripped.to_bytes(), take),
        Served("box", box, open_),
        Served("history box", history, open_past),
        Served("user key box", sealed, open_key),
    ]


def _content(team: Template) -> list[Served]:
    chains = {uid: _chain(team, name) for name, uid in team.uids.items()}
    commit, env, anne = parse_commit(team.first_commit), team.envelopes[0], team.authors["anne"]
    certs = [verify_opcert(raw, team.root) for raw in team.opcerts]
    cert = next(one for one in certs if one.covers(Purpose.RECEIPT, parse_receipt(team.receipt).leaf.server_ts))
    read = compose_read_receipt(
        cid=team.cid, seq=1, log=b"l" * 32, uid=anne.uid, did=anne.did, ts_ms=1, ik=anne.keys.ik
    )
    content, key = random.Random(3).randbytes(100_000), b"k" * 32
    blob = b"".join(encrypt_blob([content], len(content), key, b"p" * 16))
    attachment = Attachment(BlobId(b"b" * 16), key, len(content), hash_blob(blob), "image/jpeg")

    def deposited(raw: bytes) -> object:
        receipt = parse_receipt(raw)
        verify_receipt(receipt, cert)
        return receipt

    def read_by(raw: bytes) -> object:
        receipt = parse_read_receipt(raw)
        verify_read_receipt(receipt, chains[AccountId(anne.uid)])
        return receipt

    return [
        Served("envelope", env, lambda raw: open_envelope(raw, team.first_secret, commit, chains)),
        Served("deposit receipt", team.receipt, deposited),
        Served("read receipt", read.raw, read_by),
        Served("blob", blob, lambda raw: decrypt_blob(raw, attachment)),
    ]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_object(served: dict[str, Served], name: str, data: st.DataObject) -> None:
    one = served[name]
    raw = altered(one.raw, data)
    with pytest.raises(ProtocolError) as refused:
        one.accept(raw)
    assert refused.value.code
    assert refused.value.sentence()


@pytest.mark.parametrize("name", NAMES)
def test_every_object_holds_unaltered(served: dict[str, Served], name: str) -> None:
    served[name].accept(served[name].raw)


class Noise(Lie):
    """A bit of one frame in three, whichever it is."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)

    def say(self, frame: Frame) -> list[Said]:
        raw = encode(frame)
        if self._random.random() > 1 / 3:
            return [raw]
        self.told += 1
        place = self._random.randrange(len(raw))
        return [raw[:place] + bytes([raw[place] ^ 1 << self._random.randrange(8)]) + raw[place + 1 :]]


async def test_the_wire(scene: Scene) -> None:
    told = 0
    async with scene.honest("anne") as anne:
        for seed in range(16):
            noise = Noise(seed)
            scene.middle.lie = noise
            async with scene.deceived("paul", synced=False) as paul:
                await scene.write(anne, f"tour {seed}")
                await paul.settle(0.05)
                scene.require_truth(paul)
            told += noise.told
        assert told > 12
        scene.middle.lie = Lie()
        async with scene.deceived("paul") as paul:
            await recover(scene, paul, anne)
            scene.require_truth(paul)
