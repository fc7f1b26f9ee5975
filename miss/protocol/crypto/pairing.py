"""Pairing: a linked device lets in a new one, over the server, under a code the server never sees.  protocol §5

The code (see `codes`) is shown by the device that is linked, as text and as a QR code, and typed or scanned on the
new one.  Both derive from it

    p    = H("pairing", 17 bytes of the code)
    slot = K(p, "pairing-slot", "")[:16]        where the server keeps the two messages
    key  = K(p, "pairing-key", "")              what seals them

    offer  = seal(key, [v, did, ik, ek, name], domain("pairing-offer") ‖ slot)                     from the new device
    answer = seal(key, [v, root, opcerts, links, link, user_key_box],
                  domain("pairing-answer") ‖ slot ‖ H("pairing-offer", offer))                     to it

`link` lets the new device in; it is vouched for by the other and not yet cosigned.  130 bits leave nothing to guess,
so whoever answers under the key is the device that showed the code.

Refuses: an answer to another offer, a link of another device, a user key that the chain does not state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import parse_qs, quote, urlsplit

from msgspec import Meta

from miss.base.random import RandomBytes
from miss.protocol.crypto.chains import Chain, apply_link, verify_chain
from miss.protocol.crypto.codes import code_secret, compose_code, format_code, parse_code
from miss.protocol.crypto.keys import SEAL_OVERHEAD_BYTES, DeviceKeys, UserKey, open_user_key
from miss.protocol.crypto.links import PAPER, DevicePublic, Link, Op, cosign, parse_link
from miss.protocol.crypto.primitives import KEY_BYTES, VERSION, derive, domain, hash_, open_, seal
from miss.protocol.errors import (
    BadPairing,
    BadPairingCode,
    BadPairingUri,
    BadSealed,
    PairingMismatch,
    PairingUnreadable,
)
from miss.protocol.ids import Did, SealingPublic, SigningPublic
from miss.protocol.limits import MAX_DEVICE_NAME, MAX_LINK_BYTES, MAX_PAIRING_BYTES
from miss.protocol.packing import Form, Signed, pack

SLOT_BYTES: Final = 16
MAX_URI: Final = 2048
_BOX_BYTES: Final = KEY_BYTES + SEAL_OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class PairingKeys:
    """What a code stands for."""

    slot: bytes
    """16 bytes: the place on the server."""
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a QR code says."""

    server_url: str
    code: str = field(repr=False)
    """26 characters, canonical."""


class _Offer(Signed, frozen=True):
    v: int
    did: Did
    ik: SigningPublic
    ek: SealingPublic
    name: Annotated[str, Meta(max_length=MAX_DEVICE_NAME)]


class Answer(Signed, frozen=True):
    """What the linked device tells the new one."""

    v: int
    root: SigningPublic
    """ROOT's public key, which the new device pins."""
    opcerts: tuple[bytes, ...]
    links: tuple[bytes, ...]
    """The person's chain, as sent, from the first link on."""
    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    """The `add` of the new device, vouched for and not cosigned."""
    user_key_box: Annotated[bytes, Meta(min_length=_BOX_BYTES, max_length=_BOX_BYTES)]


_OFFER = Form(_Offer, BadPairing, MAX_PAIRING_BYTES, version=VERSION)
_ANSWER = Form(Answer, BadPairing, MAX_PAIRING_BYTES, version=VERSION)


@dataclass(frozen=True, slots=True)
class Offer:
    """A device that asks to be let in, and the name it gives itself."""

    device: DevicePublic
    name: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verified answer: the new device sends `link` to the server and then counts."""

    chain: Chain
    """The person's chain, before the link."""
    link: Link
    """Cosigned; the operator countersigns."""
    user_key: UserKey


def compose_pairing_code(random_bytes: RandomBytes) -> str:
    """A new code, in groups as shown."""
    return compose_code(random_bytes)


def parse_pairing_code(text: str) -> str:
    """The 26 characters of a typed code.  Raises BadPairingCode with the position of the first wrong one."""
    return parse_code(text, BadPairingCode)


def pairing_keys(code: str) -> PairingKeys:
    """The place and the key that a code stands for.  Raises BadPairingCode."""
    secret = hash_("pairing", code_secret(parse_pairing_code(code)))
    return PairingKeys(derive(secret, "pairing-slot")[:SLOT_BYTES], derive(secret, "pairing-key"))


def compose_pairing_uri(server_url: str, code: str) -> str:
    """The text of the QR code: `miss:pair?s=<server URL>&c=<code>`.  Raises BadPairingCode, BadPairingUri."""
    uri = f"miss:pair?s={quote(server_url, safe='')}&c={format_code(parse_pairing_code(code))}"
    parse_pairing_uri(uri)
    return uri


def parse_pairing_uri(text: str) -> Invitation:
    """What a scanned text invites to.  Raises BadPairingUri, BadPairingCode."""
    text = text.strip()
    if len(text) > MAX_URI:
        raise BadPairingUri(reason="too_long")
    scheme, _, query = text.partition("?")
    if scheme.lower() != "miss:pair":
        raise BadPairingUri(reason="scheme")
    try:
        fields = parse_qs(query, strict_parsing=True, max_num_fields=2)
        [server_url], [code] = fields["s"], fields["c"]
        server = urlsplit(server_url)
        port_is_fine = server.port is None or server.port > 0
    except (ValueError, KeyError):
        raise BadPairingUri(reason="fields") from None
    plain = server.query == server.fragment == "" and server.username is None and server_url.isprintable()
    if server.scheme not in ("https", "http") or not server.hostname or not port_is_fine or not plain:
        raise BadPairingUri(reason="server")
    return Invitation(server_url, parse_pairing_code(code))


def compose_offer(keys: PairingKeys, device: DevicePublic, name: str, random_bytes: RandomBytes) -> bytes:
    """The new device's offer, sealed.  Raises BadPairing if `name` has over 80 characters."""
    packed = _OFFER.compose(_Offer(VERSION, device.did, device.ik, device.ek, name))
    return seal(keys.key, packed, _offer_ad(keys), random_bytes)


def parse_offer(keys: PairingKeys, offer: bytes) -> Offer:
    """Who asks to be let in.  Raises PairingUnreadable, BadPairing, UnsupportedVersion."""
    opened = _OFFER.parse(_open(keys, offer, _offer_ad(keys)))
    return Offer(DevicePublic(opened.did, opened.ik, opened.ek), opened.name)


def compose_answer(
    keys: PairingKeys,
    offer: bytes,
    *,
    root: bytes,
    opcerts: Sequence[bytes],
    links: Sequence[bytes],
    link: Link,
    user_key_box: bytes,
    random_bytes: RandomBytes,
) -> bytes:
    """The answer to that very `offer` (as received), sealed.

    `link`: from `changes.compose_add`; `user_key_box`: from `keys.seal_user_key`.  Raises BadPairing if it is larger
    than 1 MiB.
    """
    answer = Answer(VERSION, root, tuple(opcerts), tuple(links), link.to_bytes(), user_key_box)
    if len(pack(answer)) > MAX_PAIRING_BYTES - 64:
        raise BadPairing(reason="too_long")
    return seal(keys.key, _ANSWER.compose(answer), _answer_ad(keys, offer), random_bytes)


def parse_answer(keys: PairingKeys, offer: bytes, answer: bytes) -> Answer:
    """What the other device answered to `offer`; its signatures are checked by `accept_answer`.

    Raises PairingUnreadable, BadPairing, UnsupportedVersion.
    """
    return _ANSWER.parse(_open(keys, answer, _answer_ad(keys, offer)))


def accept_answer(answer: Answer, device: DevicePublic, keys: DeviceKeys, now_ms: int) -> Accepted:
    """The chain that the new `device` enters, its link cosigned with its `keys`, and the user key.

    Raises LinkError and BadOpCert for a chain or a link that does not hold, PairingMismatch if the link lets in
    another device, or does something else, or the user key is not the one of the chain.
    """
    chain = verify_chain([parse_link(link) for link in answer.links], answer.root, answer.opcerts, now_ms=now_ms)
    link = cosign(parse_link(answer.link), keys)
    if link.core.op is not Op.ADD or link.core.proof.method == PAPER:
        raise PairingMismatch(part="operation")
    if (link.core.did, link.core.ik, link.core.ek) != (device.did, device.ik, device.ek):
        raise PairingMismatch(part="device")
    after = apply_link(chain, link)
    try:
        user_key = open_user_key(answer.user_key_box, after.uid, device.did, after.uek_gen, keys)
    except BadSealed:
        raise PairingMismatch(part="user_key") from None
    if user_key.public != after.uek_pk:
        raise PairingMismatch(part="user_key")
    return Accepted(chain, link, user_key)


def _open(keys: PairingKeys, sealed: bytes, ad: bytes) -> bytes:
    packed = open_(keys.key, sealed, ad) if len(sealed) <= MAX_PAIRING_BYTES else None
    if packed is None:
        raise PairingUnreadable()
    return packed


def _offer_ad(keys: PairingKeys) -> bytes:
    return domain("pairing-offer") + keys.slot


def _answer_ad(keys: PairingKeys, offer: bytes) -> bytes:
    return domain("pairing-answer") + keys.slot + hash_("pairing-offer", offer)
