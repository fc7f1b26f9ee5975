"""Ways to hand bytes to readers that sit behind a key, a chain or a connection.

A content that only a member could seal, or only a person's own device, is sealed here as that member or device would:
the parsers behind decryption meet hostile bytes too.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from nacl.signing import SigningKey

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.protocol import packing
from miss.protocol.crypto import chains, commits, envelopes, keys, links, pairing
from miss.protocol.crypto.primitives import derive, domain, hash_, open_, pad256, seal, sign
from miss.protocol.errors import LinkError
from miss.protocol.session import ClientSession, ServerSession
from miss.protocol.wire.codec import decode
from miss.protocol.wire.frames import Ready
from tests.miss.protocol.people import NOW_MS

GOLDEN: Final = Path(__file__).resolve().parents[1] / "miss/protocol/golden/v1.json"
V1: Final[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))


def raw(*place: str | int) -> bytes:
    """A golden sample."""
    value: Any = V1
    for name in place:
        value = value[name]
    return bytes.fromhex(value)


def text(group: str, name: str) -> bytes:
    """A golden sample that people type or scan."""
    return str(V1[group][name]).encode()


def _known() -> dict[AccountId, chains.Chain]:
    people = [raw("links", name, 0) for name in ("alice", "bob", "carol")]
    certs = [raw("opcerts", "identity")]
    verified = [chains.verify_chain([links.parse_link(link)], raw("keys", "root_public"), certs) for link in people]
    return {chain.uid: chain for chain in verified}


def _unsealed(sealed: bytes, ad: bytes) -> bytes:
    """What stands in an offer or an answer."""
    packed = open_(raw("pairing", "key"), sealed, ad)
    assert packed is not None
    return packed


KNOWN: Final = _known()
ROOT: Final = raw("keys", "root_public")
FIRST, SECOND = (commits.parse_commit(raw("commits", at, "bytes")) for at in (0, 1))
ES: Final = raw("commits", 0, "es")
ENV: Final = raw("envelope", "bytes")
MK: Final = envelopes.key_of(ENV, ES)
OPENED: Final = envelopes.decrypt_envelope(ENV, MK, 1)
AUTHOR: Final = SigningKey(raw("keys", "bob", "device_secret")[:32])
CAROL: Final = AccountId(raw("keys", "carol", "uid"))
CAROLS_KEY: Final = keys.UserKey(1, raw("keys", "carol", "user_key"))
BOBS_KEYS: Final = keys.DeviceKeys.from_secret(raw("keys", "bob", "device_secret"))
BOB, BOBS_DEVICE = AccountId(raw("keys", "bob", "uid")), DeviceId(raw("keys", "bob", "did"))
CONTENT: Final = packing.pack([OPENED.body, OPENED.sig])
ALICE: Final = AccountId(raw("keys", "alice", "uid"))
ALICES_KEY: Final = keys.UserKey(1, raw("keys", "alice", "user_key"))
VAULT_CID: Final = ConversationId(raw("vault", "cid"))
WRAPS: Final = tuple(raw("recovery", "wraps", name) for name in ("code", "passphrase", "passphrase_en", "passkey"))
PAIRING: Final = pairing.pairing_keys(V1["pairing"]["code"])
TABLET_KEYS: Final = keys.DeviceKeys.from_secret(raw("pairing", "device_secret"))
TABLET: Final = pairing.parse_offer(PAIRING, raw("pairing", "offer")).device
OFFER: Final = _unsealed(raw("pairing", "offer"), pairing._offer_ad(PAIRING))
ANSWER: Final = _unsealed(raw("pairing", "answer"), pairing._answer_ad(PAIRING, raw("pairing", "offer")))
FRAMES: Final = tuple(bytes.fromhex(sample) for sample in V1["frames"].values())
READY: Final = decode(raw("frames", "Ready"))
LINKS: Final = tuple(bytes.fromhex(sample) for sample in V1["links"]["every_operation"])


def open_content(content: bytes) -> object:
    """What a member put into an envelope, bound and sealed as it should be."""
    sealed = seal(derive(MK, "aead"), pad256(content), OPENED.hdr, lambda size: b"\x01" * size)
    return envelopes.decrypt_envelope(packing.pack([OPENED.hdr, derive(MK, "commitkey"), sealed]), MK, 1)


def open_body(body: bytes) -> object:
    """What a member wrote, truly signed."""
    sig = sign(AUTHOR, "msg", hash_("hdr", OPENED.hdr) + body)
    return envelopes.Decrypted(OPENED.header, OPENED.hdr, body, sig).attribute(bytes(AUTHOR.verify_key))


def open_history(packed: bytes) -> object:
    """What an admin sealed to a newcomer."""
    info = commits.box_info("history", SECOND.core, CAROL, 1)
    box = commits.Box(CAROL, keys.seal_to(CAROLS_KEY.public, packed, info))
    return commits.open_history(replace(SECOND, history=(box,)), CAROL, CAROLS_KEY, {1: FIRST})


def open_user_key(secret: bytes) -> object:
    """What one's own other device sealed."""
    info = domain("uek") + BOB + BOBS_DEVICE + (1).to_bytes(8, "big")
    sealed = keys.seal_to(BOBS_KEYS.ek_public, secret, info)
    return keys.open_user_key(sealed, BOB, BOBS_DEVICE, 1, BOBS_KEYS)


def follow_chain(link: bytes) -> object:
    """A link after each state of a chain, where it may or may not belong."""
    parsed = links.parse_link(link)
    refused: list[LinkError] = []
    for state in (None, *KNOWN.values()):
        try:
            chains.apply_link(state, parsed)
        except LinkError as error:
            refused.append(error)
    return refused


def take_as_server(data: bytes) -> object:
    """A frame from an authenticated client, then the server's answer to it."""
    session = ServerSession(nonce=b"\x01" * 32, server_ts_ms=1, now_s=0)
    session.receive(raw("frames", "Auth"), 0)
    assert isinstance(READY, Ready)
    session.accept(READY)
    session.receive(data, 1)
    return session.events(), session.frames_to_send(), session.close_code


def take_as_client(data: bytes) -> object:
    """A frame from the server, first too early, then in its time."""
    for steps in range(3):
        session = ClientSession(now_s=0)
        if steps:
            session.receive(raw("frames", "Hello"), 0)
            session.authenticate(BOBS_DEVICE, b"\x02" * 64, 1)
        if steps == 2:
            session.receive(raw("frames", "Ready"), 0)
            session.send_envelope(MessageId(b"\x03" * 16), ConversationId(b"\x05" * 32), b"env")
        session.receive(data, 1)
        session.events(), session.frames_to_send()
    return session.close_code


def open_offer(packed: bytes) -> object:
    """What somebody who was shown the code may offer."""
    return pairing.parse_offer(PAIRING, _sealed(packed, pairing._offer_ad(PAIRING)))


def open_answer(packed: bytes) -> object:
    """What somebody who shows a code may answer, up to the cosigned link."""
    offer = raw("pairing", "offer")
    answer = pairing.parse_answer(PAIRING, offer, _sealed(packed, pairing._answer_ad(PAIRING, offer)))
    return pairing.accept_answer(answer, TABLET, TABLET_KEYS, NOW_MS)


def _sealed(packed: bytes, ad: bytes) -> bytes:
    return seal(PAIRING.key, packed, ad, lambda size: b"\x01" * size)
