"""Envelopes: a message as the server sees it, and the body only members see.  protocol §3

    env  = [hdr, kc, ct]            hdr packed, as a byte string
    MK   = K(ES, "msg", H("hdr", hdr))
    kc   = K(MK, "commitkey")       binds the envelope to one key: it cannot open to two contents
    ct   = nonce ‖ XChaCha20-Poly1305(K(MK, "aead"), pad256([body, sig]), ad = hdr)
    sig  = Ed25519("msg", H("hdr", hdr) ‖ body), by the device named in hdr

`parse_header` is all the server can do.  Duplicates and order are told apart by the log (`seq`), not here; the
envelope's random `id` lets a reader recognise a replay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from msgspec import Meta
from nacl.signing import SigningKey

from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.chains import Chain, Device
from miss.protocol.crypto.commits import Commit
from miss.protocol.crypto.primitives import (
    NONCE_BYTES,
    PAD_BYTES,
    SUITE,
    TAG_BYTES,
    VERSION,
    derive,
    hash_,
    open_,
    pad256,
    same,
    seal,
    sign,
    unpad256,
    verify,
)
from miss.protocol.errors import (
    BadBody,
    BadEnvelope,
    EnvelopeForged,
    EnvelopeTooLarge,
    EnvelopeUnreadable,
    SenderNotMember,
    UnknownSender,
    UnsupportedSuite,
    WrongCommit,
    WrongCommitKey,
)
from miss.protocol.ids import Blob, Cid, Did, Hash, Mid, Millis, Number, Ordinal, Signature, Uid
from miss.protocol.limits import MAX_BLOBS, MAX_ENVELOPE_BYTES, MAX_MENTIONS
from miss.protocol.packing import Form, Signed, pack

# `type` of a body: what each uses of the other fields is in protocol §3.  A client shows a type it does not know as
# « contenu non pris en charge ».
TEXT: Final = "text"
NAME: Final = "name"
REACTION: Final = "reaction"
EDIT: Final = "edit"
DELETE: Final = "delete"
LEAVE: Final = "leave"
ACK: Final = "ack"
NOTICE: Final = "notice"

MAX_REACTION_BYTES: Final = 32
"""One emoji, as UTF-8."""
MIN_OVERHEAD_BYTES: Final = 256
"""What header, signature, tag and padding add to a body at the least."""


class Alarm(Signed, frozen=True):
    """A critical result: somebody has to acknowledge it by then, or the next in the list is told.  protocol §7"""

    ack_by: Millis
    next_uids: Annotated[tuple[Uid, ...], Meta(max_length=16)]


class Header(Signed, frozen=True):
    """The part of an envelope that the server reads."""

    v: int
    suite: Number
    cid: Cid
    commit: Hash
    """Hash of the commit whose epoch the envelope is sealed under."""
    did: Did
    """The sending device."""
    id: Annotated[bytes, Meta(min_length=16, max_length=16)]
    """Random: what makes the key of each envelope its own."""
    n: Number
    """The device's own count of what it sent in this epoch; advisory."""
    blobs: Annotated[tuple[Blob, ...], Meta(max_length=MAX_BLOBS)] = ()
    """Attachments that become readable to the members of this epoch."""
    alarm: Alarm | None = None


class Seen(Signed, frozen=True):
    """How far the sender had read: what makes a log that the server shows differently to others visible."""

    seq: Ordinal
    log: Hash


class Body(Signed, frozen=True):
    """What members read."""

    mid: Mid
    ts: Millis
    type: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}\Z")]
    text: Annotated[str, Meta(max_length=MAX_ENVELOPE_BYTES)] = ""
    reply: Mid | None = None
    """The message this one answers."""
    att: Annotated[tuple[Attachment, ...], Meta(max_length=MAX_BLOBS)] = ()
    seen: Seen | None = None
    urgent: bool = False
    mentions: Annotated[tuple[Uid, ...], Meta(max_length=MAX_MENTIONS)] = ()
    """The members it is addressed to by name."""

    def __repr__(self) -> str:
        return f"Body(mid={self.mid.hex()}, type={self.type!r})"


class _Envelope(Signed, frozen=True):
    hdr: Annotated[bytes, Meta(max_length=MAX_ENVELOPE_BYTES)]
    kc: Hash
    ct: Annotated[bytes, Meta(min_length=NONCE_BYTES + PAD_BYTES + TAG_BYTES, max_length=MAX_ENVELOPE_BYTES)]


class _Content(Signed, frozen=True):
    body: Annotated[bytes, Meta(max_length=MAX_ENVELOPE_BYTES)]
    sig: Signature


_ENVELOPE = Form(_Envelope, BadEnvelope, MAX_ENVELOPE_BYTES)
_HEADER = Form(Header, BadEnvelope, MAX_ENVELOPE_BYTES, version=VERSION)
_CONTENT = Form(_Content, BadBody, MAX_ENVELOPE_BYTES)
_BODY = Form(Body, BadBody, MAX_ENVELOPE_BYTES)


@dataclass(frozen=True, slots=True)
class Opened:
    """A message whose sender and content hold."""

    uid: AccountId
    """The member who wrote it."""
    header: Header
    body: Body


def hash_envelope(env: bytes) -> bytes:
    """H(env): what receipts and the conversation's log refer to."""
    return hash_("env", env)


def seal_envelope(
    *,
    es: bytes,
    commit: Commit,
    did: DeviceId,
    ik: SigningKey,
    body: Body,
    random_bytes: RandomBytes,
    n: int = 0,
    alarm: Alarm | None = None,
) -> bytes:
    """The envelope of `body`, sealed under the epoch of `commit`, whose secret is `es`.

    Draws 40 random bytes.  Sealing the same body again (same `mid`) under another epoch is how a client answers
    `stale_epoch`.  Raises EnvelopeTooLarge, BadBody, BadEnvelope.
    """
    _require_size(len(pack(body)) + MIN_OVERHEAD_BYTES)
    header = Header(
        v=VERSION,
        suite=SUITE,
        cid=commit.core.cid,
        commit=commit.hash,
        did=did,
        id=random_bytes(16),
        n=n,
        blobs=tuple(attachment.blob for attachment in body.att),
        alarm=alarm,
    )
    hdr = _HEADER.compose(header)
    body_bytes = _BODY.compose(body)
    sig = sign(ik, "msg", hash_("hdr", hdr) + body_bytes)
    mk = message_key(es, hdr)
    ct = seal(derive(mk, "aead"), pad256(_CONTENT.compose(_Content(body_bytes, sig))), hdr, random_bytes)
    envelope = _Envelope(hdr, derive(mk, "commitkey"), ct)
    _require_size(len(pack(envelope)))
    return _ENVELOPE.compose(envelope)


def _require_size(size_bytes: int) -> None:
    if size_bytes > MAX_ENVELOPE_BYTES:
        raise EnvelopeTooLarge(size_bytes=size_bytes, max_bytes=MAX_ENVELOPE_BYTES)


def message_key(es: bytes, hdr: bytes) -> bytes:
    """MK: the key of one envelope, from the epoch's secret and the packed header."""
    return derive(es, "msg", hash_("hdr", hdr))


def key_of(env: bytes, es: bytes) -> bytes:
    """MK of one envelope.  It opens that envelope, says nothing of `es` and nothing of any other envelope.

    Raises as `parse_header`.
    """
    return message_key(es, _parse(env)[0].hdr)


def parse_header(env: bytes) -> Header:
    """What the server reads of an envelope: within 64 KiB, well formed, of a known version and suite.

    Raises BadEnvelope, UnsupportedVersion, UnsupportedSuite.
    """
    return _parse(env)[1]


def _parse(env: bytes) -> tuple[_Envelope, Header]:
    envelope = _ENVELOPE.parse(env)
    header = _HEADER.parse(envelope.hdr)
    if header.suite != SUITE:
        raise UnsupportedSuite(suite=header.suite)
    if (len(envelope.ct) - NONCE_BYTES - TAG_BYTES) % PAD_BYTES:
        raise BadEnvelope(reason="not_padded")
    return envelope, header


def open_envelope(env: bytes, es: bytes, commit: Commit, chains: Mapping[AccountId, Chain]) -> Opened:
    """The verified content of an envelope.

    `commit`: the verified commit named in its header, `es` its epoch's secret, `chains` the verified chains of its
    members.  Raises BadEnvelope, UnsupportedVersion, UnsupportedSuite, WrongCommit, UnknownSender, SenderNotMember,
    UnknownLinkHead (a chain at hand is too old), WrongCommitKey, EnvelopeUnreadable, EnvelopeForged, BadBody.
    """
    envelope, header = _parse(env)
    if (header.cid, header.commit) != (commit.core.cid, commit.hash):
        raise WrongCommit(epoch=commit.core.epoch)
    uid, device = _sender(header.did, commit, chains)
    content = _decrypt(envelope, header, message_key(es, envelope.hdr), commit.core.epoch)
    return Opened(uid, header, content.attribute(device.ik))


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What an envelope holds; who wrote it is not checked yet."""

    header: Header
    hdr: bytes
    body: bytes = field(repr=False)
    sig: bytes

    def attribute(self, ik: bytes) -> Body:
        """The body, if the device with the public key `ik` signed it.  Raises EnvelopeForged, BadBody."""
        if not verify(ik, "msg", hash_("hdr", self.hdr) + self.body, self.sig):
            raise EnvelopeForged(did=self.header.did.hex())
        body = _BODY.parse(self.body)
        if self.header.blobs != tuple(attachment.blob for attachment in body.att):
            raise BadBody(reason="blobs")
        return body


def decrypt_envelope(env: bytes, mk: bytes, epoch: int) -> Decrypted:
    """The content of one envelope, from its own key MK; `epoch` is named in errors.

    For proofs, which do not carry ES.  Raises as `parse_header`, and WrongCommitKey, EnvelopeUnreadable, BadBody.
    """
    envelope, header = _parse(env)
    return _decrypt(envelope, header, mk, epoch)


def _decrypt(envelope: _Envelope, header: Header, mk: bytes, epoch: int) -> Decrypted:
    if not same(derive(mk, "commitkey"), envelope.kc):
        raise WrongCommitKey(epoch=epoch)
    padded = open_(derive(mk, "aead"), envelope.ct, envelope.hdr)
    packed = None if padded is None else unpad256(padded)
    if packed is None:
        raise EnvelopeUnreadable(epoch=epoch)
    content = _CONTENT.parse(packed)
    return Decrypted(header, envelope.hdr, content.body, content.sig)


def _sender(did: DeviceId, commit: Commit, chains: Mapping[AccountId, Chain]) -> tuple[AccountId, Device]:
    """The member whose device sent it: active at the commit, or linked since (protocol §4)."""
    pinned = [(member, chains[member.uid]) for member in commit.core.members if member.uid in chains]
    # Whose device it is or was comes first: walking four hundred chains would cost more than decrypting.
    pinned.sort(key=lambda each: did not in each[1].devices and did not in each[1].revoked)
    for member, chain in pinned:
        device = chain.signer_since(member.link_head, did)
        if device is not None:
            return member.uid, device
    if any(did in chain.devices for uid, chain in chains.items() if commit.member(uid) is None):
        raise SenderNotMember(did=did.hex())
    raise UnknownSender(did=did.hex())
