"""Proofs: one message, taken out of its conversation, that anybody can verify offline.  protocol §6

A proof says who wrote what, when the server took it, and who certified the author.  It holds the envelope, the key
of that envelope alone, the commit it names, the author's links up to the device that signed, the operator's
certificates and the deposit receipt.  Whoever has it reads that message and no other: neither the epoch's secret nor
any other message follows from MK.

The commit is carried as [core, conf], without boxes and signature: its hash stands in the header that the author
signed and in the envelope that the server receipted, so nothing of it can be changed.  Refuses: more links than it
takes, so that each message has one proof for a given receipt.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.protocol.crypto.attachments import decrypt_blob, hash_blob
from miss.protocol.crypto.chains import Chain, Device, verify_chain
from miss.protocol.crypto.commits import Commit, CommitCore, commit_hash, parse_core
from miss.protocol.crypto.envelopes import Body, decrypt_envelope, key_of, parse_header
from miss.protocol.crypto.links import LinkCore, Who, parse_link
from miss.protocol.crypto.opcert import MAX_CERT_BYTES, OpCert, Purpose, verify_opcerts
from miss.protocol.crypto.primitives import KEY_BYTES, VERSION, same
from miss.protocol.crypto.receipts import MAX_RECEIPT_BYTES, DepositReceipt, parse_receipt, verify_receipt
from miss.protocol.errors import (
    BadProof,
    OpCertRefused,
    ProofAttachmentUnknown,
    ProofMismatch,
    ProofRootMismatch,
    ReceiptForged,
    SenderNotMember,
    UnknownSender,
    WrongCommit,
)
from miss.protocol.ids import Hash, SigningPublic
from miss.protocol.limits import MAX_COMMIT_BYTES, MAX_ENVELOPE_BYTES, MAX_LINK_BYTES
from miss.protocol.packing import Form, Signed

MAX_PROOF_BYTES: Final = 8 * 1024 * 1024
MAX_LINKS: Final = 2048
"""Of one person: a new user key every 30 days for a lifetime, and many devices."""
MAX_CERTS: Final = 64


class NamedCommit(Signed, frozen=True):
    """The commit that the envelope names: what its hash covers."""

    core: Annotated[bytes, Meta(max_length=MAX_COMMIT_BYTES)]
    conf: Hash


class MessageProof(Signed, frozen=True):
    """A proof as it stands in its file; `verify_proof` says what it proves."""

    v: int
    root: SigningPublic
    """ROOT of the operator; its fingerprint is what the reader compares with the one expected."""
    env: Annotated[bytes, Meta(max_length=MAX_ENVELOPE_BYTES)]
    mk: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    commit: NamedCommit
    links: Annotated[
        tuple[Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)], ...], Meta(min_length=1, max_length=MAX_LINKS)
    ]
    """The author's, from the first to the one after which the device may write under the commit."""
    opcerts: Annotated[tuple[Annotated[bytes, Meta(max_length=MAX_CERT_BYTES)], ...], Meta(max_length=MAX_CERTS)]
    receipt: Annotated[bytes, Meta(max_length=MAX_RECEIPT_BYTES)]

    def __repr__(self) -> str:
        return f"MessageProof(links={len(self.links)})"

    def to_bytes(self) -> bytes:
        return _PROOF.compose(self)


_PROOF = Form(MessageProof, BadProof, MAX_PROOF_BYTES, version=VERSION)


class Check(StrEnum):
    """What is verified, in this order."""

    CERTIFICATES = "certificates"  # ROOT signed every certificate
    LINKS = "links"  # the author's chain, signed by its devices and by the operator
    RECEIPT = "receipt"  # RC took this envelope at this place of the log
    MEMBER = "member"  # the device was the author's, the author a member of the commit that the envelope names
    KEY = "key"  # the envelope is bound to MK and opens
    SIGNATURE = "signature"  # the device signed what the envelope holds


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof proves; times in milliseconds since 1970."""

    who: Who
    """As the operator certified the author then."""
    uid: AccountId
    did: DeviceId
    """The device that signed."""
    cid: ConversationId
    seq: int
    written_at_ms: int
    """By the author's clock."""
    deposited_at_ms: int
    """By the server's clock."""
    body: Body = field(repr=False)
    """The message: `type`, `text`, `att`…"""
    links: tuple[LinkCore, ...] = field(repr=False)
    """How the device came to speak for the author."""


def compose_proof(
    *,
    env: bytes,
    es: bytes,
    commit: Commit,
    links: Sequence[bytes],
    opcerts: Sequence[bytes],
    receipt: bytes,
    root_public: bytes,
) -> MessageProof:
    """The proof of one message, with what it takes of the author's `links` and of `opcerts`.

    `commit`: the one that the envelope names; `es`: its epoch's secret, which stays here.  `verify_proof` tells
    whether the result holds; this raises what it raises for parts that cannot be put together.
    """
    certs = verify_opcerts(opcerts, root_public)
    parsed = [parse_link(link) for link in links]
    chain = verify_chain(parsed, root_public, opcerts)
    state, _ = _find_sender(chain, commit.core, parse_header(env).did)
    deposit = parse_receipt(receipt)
    dates = [link.core.ts for link in parsed[: state.seq]]
    return MessageProof(
        v=VERSION,
        root=root_public,
        env=env,
        mk=key_of(env, es),
        commit=NamedCommit(commit.core_bytes, commit.conf),
        links=tuple(links[: state.seq]),
        opcerts=tuple(
            cert.raw
            for cert in certs
            if _signs(cert, deposit) or any(cert.covers(Purpose.IDENTITY, ts_ms) for ts_ms in dates)
        ),
        receipt=receipt,
    )


def parse_proof(data: bytes) -> MessageProof:
    """The proof in `data`, nothing verified.  Raises BadProof, UnsupportedVersion."""
    return _PROOF.parse(data)


def verify_proof(proof: MessageProof, root_public: bytes, passed: Callable[[Check], None] = lambda _: None) -> Proven:
    """What `proof` proves to whoever trusts the operator whose ROOT is `root_public` (Ed25519, 32 bytes).

    `passed` is called with each check that holds, in their order; the first that does not raises: ProofRootMismatch
    and BadOpCert; a LinkError; BadReceipt, ReceiptForged and ProofMismatch; BadEnvelope, UnsupportedVersion,
    UnsupportedSuite, BadCommit, WrongCommit, SenderNotMember, UnknownSender and UnknownLinkHead; WrongCommitKey,
    EnvelopeUnreadable; EnvelopeForged and BadBody.
    """
    if not same(proof.root, root_public):
        raise ProofRootMismatch()
    certs = verify_opcerts(proof.opcerts, root_public)
    passed(Check.CERTIFICATES)
    links = [parse_link(link) for link in proof.links]
    chain = verify_chain(links, root_public, proof.opcerts)
    passed(Check.LINKS)
    receipt = _check_receipt(proof, certs)
    passed(Check.RECEIPT)
    epoch, device = _check_sender(proof, chain, receipt)
    passed(Check.MEMBER)
    content = decrypt_envelope(proof.env, proof.mk, epoch)
    passed(Check.KEY)
    body = content.attribute(device.ik)
    passed(Check.SIGNATURE)
    return Proven(
        who=chain.who,
        uid=chain.uid,
        did=device.did,
        cid=receipt.leaf.cid,
        seq=receipt.leaf.seq,
        written_at_ms=body.ts,
        deposited_at_ms=receipt.leaf.server_ts,
        body=body,
        links=tuple(link.core for link in links),
    )


def _check_receipt(proof: MessageProof, certs: Sequence[OpCert]) -> DepositReceipt:
    receipt = parse_receipt(proof.receipt)
    if not any(_signs(cert, receipt) for cert in certs):
        raise ReceiptForged(seq=receipt.leaf.seq)
    if not receipt.covers(proof.env):
        raise ProofMismatch(part="receipt")
    return receipt


def _signs(cert: OpCert, receipt: DepositReceipt) -> bool:
    try:
        verify_receipt(receipt, cert)
    except (OpCertRefused, ReceiptForged):
        return False
    return True


def _check_sender(proof: MessageProof, chain: Chain, receipt: DepositReceipt) -> tuple[int, Device]:
    """The epoch, and the device that may have written under it."""
    header, core = parse_header(proof.env), parse_core(proof.commit.core)
    if header.commit != commit_hash(proof.commit.core, proof.commit.conf) or header.cid != core.cid:
        raise WrongCommit(epoch=core.epoch)
    if header.cid != receipt.leaf.cid:
        raise ProofMismatch(part="conversation")
    state, device = _find_sender(chain, core, header.did)
    if state.head != chain.head:
        raise ProofMismatch(part="links")
    return core.epoch, device


def _find_sender(chain: Chain, core: CommitCore, did: DeviceId) -> tuple[Chain, Device]:
    """The first state of the author's chain, from the one that the commit pins on, in which `did` may write (§4).

    Raises SenderNotMember, UnknownLinkHead, UnknownSender.
    """
    member = next((member for member in core.members if member.uid == chain.uid), None)
    if member is None:
        raise SenderNotMember(did=did.hex())
    pinned = chain.at(member.link_head)
    allowed = [state for state in chain.states() if state.seq >= pinned.seq and state.uek_gen == pinned.uek_gen]
    for state in reversed(allowed):
        device = state.signer_at(state.head, did)
        if device is not None:
            return state, device
    raise UnknownSender(did=did.hex())


def open_attachment(proven: Proven, blob: bytes) -> tuple[int, bytes]:
    """Which attachment of the message `blob` is (from 0), and the file in it, to the byte as it was sent.

    `blob`: encrypted, as the server keeps it: that is what the signed body holds the hash of.  Raises
    ProofAttachmentUnknown, BlobDamaged.
    """
    digest = hash_blob(blob)
    for place, attachment in enumerate(proven.body.att):
        if same(attachment.hash, digest):
            return place, decrypt_blob(blob, attachment)
    raise ProofAttachmentUnknown()
