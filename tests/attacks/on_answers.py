"""Lies about what the server answers for: deposits, readers, files, proofs."""

from collections.abc import Callable

import msgspec

from miss.base.clock import to_ms
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.wire.frames import Ack, Err, Read
from tests.attacks import plays
from tests.attacks.forge import Forger, flipped
from tests.attacks.middle import Answering, Content, Lie, Said, Saying
from tests.attacks.mutation import Catalogue
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()
FAR = 2**53 - 1

# Deposits


def ack(name: str, expected: str, change: Callable[[Scene, Forger, Ack], Said], **outcome: bool) -> None:
    def lie(scene: Scene, forger: Forger) -> Lie:
        return Saying(Ack, lambda one: [change(scene, forger, one)])

    CATALOGUE.add(name, plays.sends, expected, lie, **outcome)


def receipt(**changes: object) -> Callable[[Scene, Forger, Ack], Said]:
    """Signed with the operator's own receipt key."""
    return lambda _, forger, one: msgspec.structs.replace(one, receipt=forger.receipt(one.receipt, **changes))


FORGED = "raised receipt_forged"
ack("deposit receipt altered", FORGED, lambda s, f, one: msgspec.structs.replace(one, receipt=flipped(one.receipt)))
ack("no deposit receipt", "raised bad_receipt", lambda s, f, one: msgspec.structs.replace(one, receipt=b"nothing"))
ack("deposit receipt of another place", FORGED, receipt(seq=99))
ack("deposit receipt of another conversation", FORGED, receipt(cid=b"c" * 32))
ack("deposit receipt of another envelope", FORGED, receipt(env_hash=b"e" * 32))
ack("deposit receipt of a time no certificate covers", FORGED, receipt(server_ts=4_000_000_000_000))
ack("deposit receipt of another log", "SplitView", receipt(log=b"l" * 32))
ack("acknowledged at another place", FORGED, lambda s, f, one: msgspec.structs.replace(one, seq=one.seq + 7))
ack("acknowledged at a place already taken", FORGED, lambda s, f, one: msgspec.structs.replace(
    one, seq=1, receipt=f.receipt(one.receipt, seq=1)))  # fmt: skip
ack("acknowledged at another time", FORGED, lambda s, f, one: msgspec.structs.replace(one, ts=one.ts - 3_600_000))
ack("refused as another message of ours", "raised conflict", lambda s, f, one: Err(
    ref=one.ref, code="conflict", seq=1, env_hash=b"e" * 32))  # fmt: skip

# Readers


def read(name: str, expected: str, change: Callable[[Scene, Forger, Read], Said]) -> None:
    def lie(scene: Scene, forger: Forger) -> Lie:
        return Saying(Read, lambda one: [change(scene, forger, one)])

    CATALOGUE.add(name, plays.is_read, expected, lie)


def by_stranger(scene: Scene, _: Forger, one: Read) -> Said:
    hugo = scene.template.authors["hugo"]
    signed = compose_read_receipt(
        cid=scene.cid,
        seq=one.seq,
        log=b"l" * 32,
        uid=hugo.uid,
        did=hugo.did,
        ts_ms=to_ms(scene.place.clock.now()),
        ik=hugo.keys.ik,
    )
    return msgspec.structs.replace(one, uid=hugo.uid, receipt=signed.raw)


NOT_READ = "ServerLied receipt_forged"
read("read receipt altered", NOT_READ, lambda s, f, one: msgspec.structs.replace(one, receipt=flipped(one.receipt)))
read("no read receipt", "ServerLied bad_receipt", lambda s, f, one: msgspec.structs.replace(one, receipt=b"no"))
read("read receipt of somebody else", NOT_READ, lambda s, f, one: msgspec.structs.replace(one, uid=s.uids["claire"]))
read("read receipt of another place", NOT_READ, lambda s, f, one: msgspec.structs.replace(one, seq=one.seq - 1))
read("read receipt of another conversation", NOT_READ, lambda s, f, one: msgspec.structs.replace(
    one, cid=s.template.other_cid))  # fmt: skip
read("read receipt of a stranger", NOT_READ, by_stranger)

# Files


def photo(name: str, change: Callable[[bytes], bytes]) -> None:
    CATALOGUE.add(name, plays.looks_at_photo, "raised blob_damaged", lambda scene, _: Content("GET blobs/.*", change))


photo("photo altered", lambda content: flipped(content, len(content) // 2))
photo("photo cut", lambda content: content[:-1])
photo("photo lengthened", lambda content: content + b"\0")
photo("photo empty", lambda content: b"")
photo("photo swapped", lambda content: bytes(len(content)))

# Proofs


def proof(name: str, expected: str, change: Callable[[Forger, bytes], bytes]) -> None:
    def lie(scene: Scene, forger: Forger) -> Lie:
        return Answering(
            "GET conversations/.*/receipts/.*", lambda body: body | {"receipt": change(forger, body["receipt"])}
        )

    CATALOGUE.add(name, plays.proves, expected, lie)


proof("proof with an altered receipt", FORGED, lambda f, raw: flipped(raw))
proof("proof with the receipt of another envelope", "raised proof_mismatch", lambda f, raw: f.receipt(
    raw, env_hash=b"e" * 32))  # fmt: skip
proof("proof with the receipt of another place", "raised proof_mismatch", lambda f, raw: f.receipt(raw, seq=2))
proof("proof with no receipt", "raised bad_receipt", lambda f, raw: b"nothing")
