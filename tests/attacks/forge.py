"""Objects as a dishonest operator makes them: real ones altered, with every signature that a server's keys can give.

The operator's countersigning key and its receipt key lie on the server, so whoever holds the server signs with them;
ROOT's key does not.  The keys of people's devices are not there either, but for Hugo's and Claire's, who may conspire.
"""

from collections.abc import Sequence

import msgspec
from nacl.signing import SigningKey

from miss.base.clock import to_ms
from miss.base.ids import AccountId, DeviceId
from miss.base.random import system_random
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.changes import compose_add, compose_reset
from miss.protocol.crypto.commits import (
    Box,
    Commit,
    Member,
    Role,
    boxes_hash,
    confirmation,
    pack_core,
    parse_commit,
)
from miss.protocol.crypto.envelopes import parse_header
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import (
    DevicePublic,
    Link,
    Proof,
    compose_genesis,
    cosign,
    countersign,
    parse_link,
)
from miss.protocol.crypto.membership import Author
from miss.protocol.crypto.opcert import Purpose, compose_opcert
from miss.protocol.crypto.primitives import sign
from miss.protocol.crypto.receipts import parse_receipt, sign_batch
from miss.protocol.packing import pack
from tests.miss.chat.kit import Place

Changed = object


def flipped(data: bytes, place: int = -1) -> bytes:
    """One bit of one byte changed."""
    place %= len(data)
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


class Forger:
    """Whoever holds the server, and what it knows."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._op_key: SigningKey = place.signer._op_key
        self.ghost_did = DeviceId(b"ghost-device-id!")
        self.ghost_keys = DeviceKeys.from_secret(b"g" * 64)
        self.ghost_user_key = UserKey(1, b"G" * 32)

    # Links

    def chain(self, links: Sequence[bytes]) -> Chain:
        return verify_chain(map(parse_link, links), self._place.signer.root_public, self._place.signer.opcerts)

    def link(self, raw: bytes, **changes: object) -> bytes:
        """The same link with other fields, countersigned again; the person's signatures are the old ones."""
        link = parse_link(raw)
        core = msgspec.structs.replace(link.core, **changes)
        return countersign(Link(core, pack(core), link.by, link.by_sig, link.new_sig), self._op_key).to_bytes()

    def link_of_version(self, raw: bytes, version: int | None) -> bytes:
        """The same link claiming another version, or none."""
        link = parse_link(raw)
        fields = msgspec.msgpack.decode(link.core_bytes)
        core = pack([version, *fields[1:]] if version is not None else fields[1:])
        return msgspec.msgpack.encode([core, link.by, link.by_sig, link.new_sig, link.op_sig])

    def link_without_operator(self, raw: bytes, key: SigningKey | None = None) -> bytes:
        """The same link, countersigned by nobody or by a key that no certificate names."""
        link = parse_link(raw)
        bare = Link(link.core, link.core_bytes, link.by, link.by_sig, link.new_sig)
        return (countersign(bare, key) if key else bare).to_bytes()

    def ghost_link(self, links: Sequence[bytes], *, vouched: bool = True) -> bytes:
        """One more device, of the server, vouched by itself in the name of the person's first one."""
        chain, now_ms = self.chain(links), to_ms(self._place.clock.now())
        device = DevicePublic(self.ghost_did, self.ghost_keys.ik_public, self.ghost_keys.ek_public)
        by = next(iter(chain.devices))
        link = compose_add(
            chain, device=device, by=by, by_keys=self.ghost_keys, proof=Proof("device", now_ms), ts_ms=now_ms
        )
        if not vouched:
            link = Link(link.core, link.core_bytes)
        return countersign(cosign(link, self.ghost_keys), self._op_key).to_bytes()

    def genesis(self, like: bytes) -> bytes:
        """Another first link of the same person, on keys of the server."""
        core, now_ms = parse_link(like).core, to_ms(self._place.clock.now())
        assert core.who is not None
        link = compose_genesis(
            uid=AccountId(core.uid),
            did=self.ghost_did,
            keys=self.ghost_keys,
            user_key=self.ghost_user_key,
            who=core.who,
            proof=Proof("activation-code", now_ms),
            ts_ms=now_ms,
        )
        return countersign(link, self._op_key).to_bytes()

    def ghost_chain(self, like: bytes) -> list[bytes]:
        """A whole chain of the same person, on keys of the server: two links, each as it should be."""
        first = self.genesis(like)
        chain, now_ms, keys = self.chain([first]), to_ms(self._place.clock.now()), DeviceKeys.from_secret(b"h" * 64)
        link = compose_add(
            chain,
            device=DevicePublic(DeviceId(b"another-ghost-id"), keys.ik_public, keys.ek_public),
            by=self.ghost_did,
            by_keys=self.ghost_keys,
            proof=Proof("device", now_ms),
            ts_ms=now_ms,
        )
        return [first, countersign(cosign(link, keys), self._op_key).to_bytes()]

    def reset(self, links: Sequence[bytes]) -> bytes:
        """The one thing the operator can do alone to a living chain: start it over."""
        chain, now_ms = self.chain(links), to_ms(self._place.clock.now())
        link = compose_reset(
            chain,
            did=self.ghost_did,
            keys=self.ghost_keys,
            user_key=UserKey(chain.uek_gen + 1, b"N" * 32),
            who=chain.who,
            proof=Proof("activation-code", now_ms),
            ts_ms=now_ms,
        )
        return countersign(link, self._op_key).to_bytes()

    def foreign_certificate(self) -> bytes:
        """Of the operator's key, by a root of our own."""
        now_ms = to_ms(self._place.clock.now())
        return compose_opcert(
            SigningKey(b"Z" * 32),
            purpose=Purpose.IDENTITY,
            public=bytes(self._op_key.verify_key),
            not_before_ms=now_ms - 10**9,
            not_after_ms=now_ms + 10**9,
        ).raw

    # Commits

    def commit(self, raw: bytes, **changes: object) -> bytes:
        """The same commit with other fields; the author's signature is the old one."""
        commit = parse_commit(raw)
        core = msgspec.structs.replace(commit.core, **changes)
        return _commit(core, commit)

    def commit_of_version(self, raw: bytes, version: int | None) -> bytes:
        outer = msgspec.msgpack.decode(raw)
        fields = msgspec.msgpack.decode(outer[0])
        core = pack([version, *fields[1:]] if version is not None else fields[1:])
        return pack([core, *outer[1:]])

    def commit_with_members(self, raw: bytes, members: Sequence[Member]) -> bytes:
        """Other members, each with a box of a kind, so that only a signature can tell."""
        commit = parse_commit(raw)
        known = {box.uid: box for box in commit.boxes}
        ordered = sorted(members, key=lambda member: member.uid)
        boxes = tuple(known.get(member.uid, Box(member.uid, b"b" * 32)) for member in ordered)
        core = msgspec.structs.replace(commit.core, members=tuple(ordered), boxes_hash=boxes_hash(boxes))
        return Commit(core, pack_core(core), commit.conf, commit.sig, boxes, commit.history).to_bytes()

    def commit_signed_by(self, raw: bytes, author: Author, members: Sequence[Member], es: bytes) -> bytes:
        """A commit by somebody who may not make it, signed as it should be, under a secret of that person."""
        commit = parse_commit(self.commit_with_members(raw, members))
        core = msgspec.structs.replace(commit.core, uid=author.uid, did=author.did)
        core_bytes = pack_core(core)
        conf = confirmation(es, core_bytes)
        signature = sign(author.keys.ik, "commit", core_bytes + conf)
        return Commit(core, core_bytes, conf, signature, commit.boxes, commit.history).to_bytes()

    # Envelopes and receipts

    def envelope(self, raw: bytes, **changes: object) -> bytes:
        """The same envelope under another header."""
        _, kc, ct = msgspec.msgpack.decode(raw)
        return pack([pack(msgspec.structs.replace(parse_header(raw), **changes)), kc, ct])

    def envelope_of_version(self, raw: bytes, version: int | None) -> bytes:
        hdr, kc, ct = msgspec.msgpack.decode(raw)
        fields = msgspec.msgpack.decode(hdr)
        return pack([pack([version, *fields[1:]] if version is not None else fields[1:]), kc, ct])

    def receipt(self, raw: bytes, **changes: object) -> bytes:
        """A deposit receipt that says something else, signed with the operator's own key."""
        leaf = msgspec.structs.replace(parse_receipt(raw).leaf, **changes)
        return sign_batch([leaf], self._place.signer.receipt_key)[0].to_bytes()


def _commit(core: object, commit: Commit) -> bytes:
    packed = pack(core)
    return pack([packed, commit.conf, commit.sig, commit.boxes, commit.history])


def as_member(chain: Chain, role: Role = Role.MEMBER) -> Member:
    return Member(chain.uid, chain.head, chain.uek_gen, role)


def new_secret() -> bytes:
    return system_random(32)
