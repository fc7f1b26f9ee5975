"""One object, and how each side takes it: what the tests of refusals compare."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from miss.protocol.crypto.attachments import (
    decrypt_blob,
    decrypt_range,
    range_in_blob,
)
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.commits import (
    Commit,
    open_box,
    open_history,
    parse_commit,
)
from miss.protocol.crypto.envelopes import (
    hash_envelope,
    open_envelope,
    parse_header,
)
from miss.protocol.crypto.keys import open_user_key, seal_user_key
from miss.protocol.crypto.links import parse_link
from miss.protocol.crypto.membership import verify_commit
from miss.protocol.crypto.opcert import verify_opcert
from miss.protocol.crypto.receipts import (
    log_next,
    log_start,
    parse_read_receipt,
    parse_receipt,
    verify_read_receipt,
    verify_receipt,
)
from miss.protocol.errors import ProtocolError
from tests.cross_language.core import Core, Outcome, plain, refused
from tests.cross_language.world import (
    Person,
    World,
    link_bytes,
    receipt_cert,
    user_key_request,
)
from tests.miss.protocol.people import NOW_MS


@dataclass(frozen=True)
class Case:
    """One object and how each side takes it: `here` in Python, `do` with `request` in TypeScript."""

    data: bytes
    do: str
    request: dict[str, Any]
    here: Callable[[bytes], object]
    wrap: Callable[[bytes], bytes] = lambda data: data
    """What is done to `data`, altered or not, before either side takes it: sealing, to alter what is inside."""

    def outcome_here(self, data: bytes) -> Outcome:
        return outcome_of(lambda: self.here(self.wrap(data)))

    def outcome_there(self, core: Core, data: bytes) -> Outcome:
        return core.ask(self.do, data=self.wrap(data), **self.request)


def outcome_of(work: Callable[[], object]) -> Outcome:
    """What `work` answers or refuses."""
    try:
        return Outcome(plain(work()))
    except ProtocolError as refusal:
        return refused(refusal.code, refusal.params)


def both_refuse(core: Core, case: Case) -> Outcome:
    """The refusal of a case's object, the same on both sides."""
    outcome = case.outcome_here(case.data)
    assert outcome.refused
    assert case.outcome_there(core, case.data) == outcome
    return outcome


def user_key_case(world: World) -> Case:
    alice = world.alice
    did, keys, generation = alice.device.did, alice.device.keys, alice.user_key.generation
    return Case(
        seal_user_key(alice.user_key, alice.uid, did, keys.ek_public),
        "openUserKey",
        {"uid": alice.uid, "did": did, "generation": generation, "keys": keys.to_secret()},
        lambda data: open_user_key(data, alice.uid, did, generation, keys).secret,
    )


def opcert_case(world: World) -> Case:
    root = world.operator.root_public
    return Case(world.operator.cert().raw, "verifyOpcert", {"root": root}, lambda data: verify_opcert(data, root))


def link_case(world: World, place: int, person: Person | None = None) -> Case:
    """One link, after those before it."""
    links = (person or world.alice).links
    before, root, certs = links[:place], world.operator.root_public, world.certs
    return Case(
        links[place].to_bytes(),
        "verifyLink",
        {"links": link_bytes(before), **world.trust},
        lambda data: verify_chain([*before, parse_link(data)], root, certs, NOW_MS),
    )


def commit_case(world: World, commit: Commit, previous: Commit | None, reader: Person) -> Case:
    """A commit with the reader's box and, for Carol, the history."""
    newcomer = reader is world.carol

    def here(data: bytes) -> object:
        read = parse_commit(data)
        verify_commit(read, previous, world.chains)
        known = {previous.core.epoch: previous} if previous else {}
        secrets = open_history(read, reader.uid, reader.user_key, known) if newcomer else {}
        es = open_box(read, reader.uid, reader.user_key)
        return plain(read) | {"hash": read.hash.hex(), "bytes": data.hex(), "es": es.hex(), "secrets": plain(secrets)}

    return Case(
        commit.to_bytes(),
        "openCommit",
        {
            "earlier": [previous.to_bytes()] if previous else [],
            "uid": reader.uid,
            "user_key": user_key_request(reader.user_key),
            "newcomer": newcomer or None,
            **world.known,
        },
        here,
    )


def header_case(world: World) -> Case:
    return Case(world.env, "parseHeader", {}, parse_header)


def envelope_case(world: World, es: bytes | None = None, commit: Commit | None = None) -> Case:
    secret, under = es or world.first_es, commit or world.first
    return Case(
        world.env,
        "openEnvelope",
        {"es": secret, "commit": under.to_bytes(), **world.known},
        lambda data: open_envelope(data, secret, under, world.chains),
    )


def blob_case(world: World) -> Case:
    photo = world.body.att[0]
    return Case(world.blob, "decryptBlob", {"attachment": photo}, lambda data: decrypt_blob(data, photo))


def range_case(world: World, start: int = 70_000, stop: int = 140_000) -> Case:
    """Part of a file; without its hash, so that the chunks alone have to show a change."""
    photo = world.body.att[0]

    def here(data: bytes) -> object:
        lower, upper = range_in_blob(photo.size, start, stop)
        found = decrypt_range(data[:16], data[lower:upper], photo, start, stop)
        return {"range": [lower, upper], "plain": found}

    return Case(world.blob, "decryptRange", {"attachment": photo, "start": start, "stop": stop}, here)


def receipt_case(world: World, opcert: bytes | None = None) -> Case:
    root, cert = world.operator.root_public, opcert or receipt_cert(world)

    def here(data: bytes) -> object:
        receipt = parse_receipt(data)
        verify_receipt(receipt, verify_opcert(cert, root))
        log = log_next(log_start(receipt.leaf.cid), hash_envelope(world.env), receipt.leaf.seq)
        return plain(receipt) | {"covers": receipt.covers(world.env), "follows": log.hex()}

    request = {"opcert": cert, "root": root, "env": world.env}
    return Case(world.receipt.to_bytes(), "verifyReceipt", request, here)


def read_receipt_case(world: World, reader: Person | None = None) -> Case:
    person = reader or world.alice

    def here(data: bytes) -> object:
        receipt = parse_read_receipt(data)
        verify_read_receipt(receipt, person.chain)
        return receipt

    return Case(world.read.raw, "verifyReadReceipt", {"links": link_bytes(person.links), **world.trust}, here)
