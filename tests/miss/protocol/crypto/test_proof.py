"""A proof holds as it is, and no otherwise: no byte may change, no part come from another proof."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from miss.protocol.crypto.changes import compose_add, compose_uek
from miss.protocol.crypto.commits import Commit, Role
from miss.protocol.crypto.envelopes import hash_envelope, open_envelope
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import Op, cosign, countersign
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.opcert import Purpose, compose_opcert
from miss.protocol.crypto.proof import (
    MAX_PROOF_BYTES,
    Check,
    MessageProof,
    NamedCommit,
    compose_proof,
    open_attachment,
    parse_proof,
    verify_proof,
)
from miss.protocol.crypto.receipts import parse_receipt, sign_batch
from miss.protocol.errors import (
    BadOpCert,
    BadProof,
    BlobDamaged,
    EnvelopeForged,
    EnvelopeUnreadable,
    LinkNotCountersigned,
    ProofAttachmentUnknown,
    ProofMismatch,
    ProofRootMismatch,
    ProtocolError,
    ReceiptForged,
    SenderNotMember,
    UnknownLinkHead,
    UnknownSender,
    UnsupportedVersion,
    WrongCommit,
    WrongCommitKey,
)
from miss.protocol.packing import pack
from tests.miss.protocol.deposits import BLOB, CERTS, FILE, PHOTO, ROOT, TEAM, Deposit, team_of
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_DEVICE,
    CAROL,
    NOW_MS,
    OPERATOR,
    YEAR_MS,
    Person,
    Stream,
    Team,
    body,
    chains,
    new_device,
)


def change(proof: MessageProof, **fields: object) -> MessageProof:
    return msgspec.structs.replace(proof, **fields)


def with_device(person: Person, number: int) -> Person:
    """The person, one device later, writing from that device."""
    device, keys = new_device(number)
    link = cosign(
        compose_add(person.chain, device=device, by=person.did, by_keys=person.keys, proof=BY_DEVICE, ts_ms=NOW_MS),
        keys,
    )
    return replace(person.after(link), did=device.did, keys=keys)


def with_user_key(person: Person) -> Person:
    link = compose_uek(
        person.chain,
        user_key=UserKey(person.chain.uek_gen + 1, b"\x77" * 32),
        by=person.did,
        by_keys=person.keys,
        proof=BY_DEVICE,
        ts_ms=NOW_MS,
    )
    return person.after(link)


PROOF = Deposit().proof()
DATA = PROOF.to_bytes()


def test_it_says_who_wrote_what_and_when_it_was_deposited() -> None:
    passed: list[Check] = []
    proven = verify_proof(parse_proof(DATA), ROOT, passed.append)
    assert passed == list(Check)
    assert (proven.who, proven.uid, proven.did) == (BOB.who, BOB.uid, BOB.did)
    assert proven.who.rpps == "99900000032"
    assert (proven.cid, proven.seq) == (TEAM.commit.core.cid, 7)
    assert (proven.written_at_ms, proven.deposited_at_ms) == (NOW_MS, NOW_MS + 1000)
    assert (proven.body.type, proven.body.text) == ("text", "Je confirme le diagnostic.")
    assert [link.op for link in proven.links] == [Op.GENESIS]


def test_it_comes_back_as_it_was_and_says_nothing_in_logs() -> None:
    assert parse_proof(DATA) == PROOF
    assert parse_proof(DATA).to_bytes() == DATA
    assert PROOF.mk.hex() not in repr(PROOF)
    proven = repr(verify_proof(PROOF, ROOT))
    assert "diagnostic" not in proven


def test_it_opens_that_message_and_no_other() -> None:
    other = Deposit(content=body("un autre", 2), seed="other")
    assert TEAM.es not in DATA
    with pytest.raises(WrongCommitKey):
        verify_proof(change(other.proof(), mk=PROOF.mk), ROOT)
    assert open_envelope(other.env, TEAM.es, TEAM.commit, chains(ALICE, BOB)).body.text == "un autre"


def test_no_box_and_no_secret_of_the_commit_travels() -> None:
    assert TEAM.commit.boxes[0].sealed not in DATA
    whole, stripped = Deposit(), Deposit(team=Team(TEAM.commit.stripped(), TEAM.es))
    assert whole.proof() == stripped.proof()


def test_every_byte_counts() -> None:
    for place in range(len(DATA)):
        changed = bytearray(DATA)
        changed[place] ^= 1 << place % 8
        with pytest.raises(ProtocolError):
            verify_proof(parse_proof(bytes(changed)), ROOT)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_change_goes_unseen(data: st.DataObject) -> None:
    """Bytes changed, taken out, put in, the end cut off."""
    start = data.draw(st.integers(0, len(DATA)))
    stop = data.draw(st.integers(start, min(len(DATA), start + 40)))
    changed = DATA[:start] + data.draw(st.binary(max_size=40)) + DATA[stop:]
    if changed == DATA:
        return
    with pytest.raises(ProtocolError):
        verify_proof(parse_proof(changed), ROOT)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000))
def test_what_is_no_proof_is_told_apart(data: bytes) -> None:
    with pytest.raises((BadProof, UnsupportedVersion)):
        parse_proof(data)


def test_its_size_is_bounded() -> None:
    with pytest.raises(BadProof) as too_long:
        parse_proof(DATA + bytes(MAX_PROOF_BYTES))
    assert too_long.value.params["reason"] == "too_long"
    with pytest.raises(BadProof):
        parse_proof(pack([1, ROOT, *msgspec.msgpack.decode(DATA)[2:5], [b""] * 3000, [], b""]))
    with pytest.raises(UnsupportedVersion):
        parse_proof(DATA[:1] + b"\x02" + DATA[2:])


def other_proofs() -> Iterator[tuple[str, MessageProof]]:
    """Genuine proofs that differ from PROOF in one thing or another."""
    yield "same author, another message", Deposit(content=body("un autre", 2), seq=8, seed="b").proof()
    yield "same words, another envelope", Deposit(seed="b").proof()
    yield "another author", Deposit(author=ALICE, seed="c").proof()
    yield "another device of the author", Deposit(author=with_device(BOB, 0x51), seed="d").proof()
    renewed = with_user_key(BOB)
    yield "after a new user key", Deposit(author=renewed, team=team_of(ALICE, renewed), seed="e").proof()
    yield "another conversation", Deposit(team=team_of(ALICE, BOB), seed="f").proof()
    yield "another conversation with others", Deposit(author=CAROL, team=team_of(ALICE, CAROL), seed="g").proof()


PARTS = [name for name in MessageProof.__struct_fields__ if name not in {"v", "root"}]


@pytest.mark.parametrize(("what", "other"), list(other_proofs()))
def test_parts_do_not_change_places(what: str, other: MessageProof) -> None:
    verify_proof(other, ROOT)
    swapped = [name for name in PARTS if getattr(other, name) != getattr(PROOF, name)]
    assert {"env", "mk", "receipt"} <= set(swapped)
    for name in swapped:
        for into, source in ((PROOF, other), (other, PROOF)):
            with pytest.raises(ProtocolError):
                verify_proof(change(into, **{name: getattr(source, name)}), ROOT)
    # All but one, which is the same the other way round unless more than two parts differ.
    for name in PARTS:
        if getattr(other, name) != getattr(PROOF, name):
            others = {part: getattr(other, part) for part in PARTS if part != name}
            with pytest.raises(ProtocolError):
                verify_proof(change(PROOF, **others), ROOT)


def test_parts_of_another_operator_do_not_count() -> None:
    impostor = SigningKey(b"X" * 32)
    forged = [
        compose_opcert(
            impostor,
            purpose=purpose,
            public=bytes(key.verify_key),
            not_before_ms=NOW_MS - YEAR_MS,
            not_after_ms=NOW_MS + YEAR_MS,
        ).raw
        for purpose, key in ((Purpose.IDENTITY, OPERATOR.op), (Purpose.RECEIPT, OPERATOR.rc))
    ]
    public = bytes(impostor.verify_key)
    theirs = change(PROOF, root=public, opcerts=tuple(forged))
    verify_proof(theirs, public)
    with pytest.raises(ProofRootMismatch):
        verify_proof(theirs, ROOT)
    with pytest.raises(BadOpCert):
        verify_proof(change(theirs, root=ROOT), ROOT)


def forged_link() -> tuple[bytes, ...]:
    return (countersign(BOB.links[0], SigningKey(b"X" * 32)).to_bytes(),)


def wrong_signature() -> MessageProof:
    """Alice's device speaks in Bob's name."""
    return Deposit(author=replace(BOB, keys=ALICE.keys)).proof()


def other_ciphertext() -> MessageProof:
    """The right key, the right commitment, other bytes, receipted by an accomplice."""
    hdr, kc, ct = msgspec.msgpack.decode(PROOF.env)
    env = pack([hdr, kc, ct[:-1] + bytes([ct[-1] ^ 1])])
    leaf = msgspec.structs.replace(Deposit().leaf, env_hash=hash_envelope(env))
    return change(PROOF, env=env, receipt=sign_batch([leaf], OPERATOR.rc)[0].to_bytes())


def other_conversation() -> MessageProof:
    leaf = msgspec.structs.replace(Deposit().leaf, cid=b"c" * 32)
    return change(PROOF, receipt=sign_batch([leaf], OPERATOR.rc)[0].to_bytes())


def contradictory_header() -> MessageProof:
    """Bob names the commit of one conversation and claims another, and the server takes it."""
    hdr, *rest = msgspec.msgpack.decode(PROOF.env)
    header = msgspec.msgpack.decode(hdr)
    header[2] = b"c" * 32
    env = pack([pack(header), *rest])
    leaf = msgspec.structs.replace(Deposit().leaf, cid=b"c" * 32, env_hash=hash_envelope(env))
    return change(PROOF, env=env, receipt=sign_batch([leaf], OPERATOR.rc)[0].to_bytes())


def too_old_chain() -> MessageProof:
    """The commit pins a state that the links do not reach."""
    renewed = with_user_key(BOB)
    return change(Deposit(author=renewed, team=team_of(ALICE, renewed)).proof(), links=PROOF.links)


def longer_chain() -> MessageProof:
    return change(PROOF, links=tuple(link.to_bytes() for link in with_device(BOB, 0x51).links))


def late() -> MessageProof:
    return change(PROOF, receipt=Deposit(at_ms=NOW_MS + 2 * YEAR_MS).receipt())


@pytest.mark.parametrize(
    ("make", "error", "failed"),
    [
        (
            lambda: change(PROOF, opcerts=(PROOF.opcerts[0], PROOF.opcerts[1][:-1] + b"x")),
            BadOpCert,
            Check.CERTIFICATES,
        ),
        (lambda: change(PROOF, links=forged_link()), LinkNotCountersigned, Check.LINKS),
        (lambda: change(PROOF, opcerts=PROOF.opcerts[1:]), LinkNotCountersigned, Check.LINKS),
        (lambda: change(PROOF, opcerts=PROOF.opcerts[:1]), ReceiptForged, Check.RECEIPT),
        (lambda: change(PROOF, receipt=Deposit().receipt(SigningKey(b"X" * 32))), ReceiptForged, Check.RECEIPT),
        (late, ReceiptForged, Check.RECEIPT),
        (lambda: change(PROOF, receipt=Deposit(seed="b").receipt()), ProofMismatch, Check.RECEIPT),
        (lambda: change(PROOF, commit=Deposit(team=team_of(ALICE, BOB)).proof().commit), WrongCommit, Check.MEMBER),
        (lambda: change(PROOF, commit=NamedCommit(PROOF.commit.core, bytes(32))), WrongCommit, Check.MEMBER),
        (other_conversation, ProofMismatch, Check.MEMBER),
        (contradictory_header, WrongCommit, Check.MEMBER),
        (lambda: change(PROOF, links=(CAROL.links[0].to_bytes(),)), SenderNotMember, Check.MEMBER),
        (lambda: change(PROOF, links=(ALICE.links[0].to_bytes(),)), UnknownSender, Check.MEMBER),
        (too_old_chain, UnknownLinkHead, Check.MEMBER),
        (longer_chain, ProofMismatch, Check.MEMBER),
        (lambda: change(PROOF, mk=bytes(32)), WrongCommitKey, Check.KEY),
        (other_ciphertext, EnvelopeUnreadable, Check.KEY),
        (wrong_signature, EnvelopeForged, Check.SIGNATURE),
    ],
)
def test_each_failure_has_its_name(make: Callable[[], MessageProof], error: type[ProtocolError], failed: Check) -> None:
    passed: list[Check] = []
    with pytest.raises(error):
        verify_proof(make(), ROOT, passed.append)
    assert passed == list(Check)[: list(Check).index(failed)]


def test_links_stop_where_the_device_may_write() -> None:
    # A device linked after the commit needs the link that let it in, and none that came later.
    entered = with_device(BOB, 0x51)
    later = replace(with_device(replace(entered, did=BOB.did, keys=BOB.keys), 0x52), did=entered.did, keys=entered.keys)
    assert len(later.links) == 3
    proof = Deposit(author=later).proof()
    assert len(proof.links) == 2
    assert verify_proof(proof, ROOT).did == entered.did
    with pytest.raises(UnknownSender):
        verify_proof(change(proof, links=proof.links[:1]), ROOT)
    # What the author wrote before stays proved by the link that was there.
    assert Deposit(author=replace(later, did=BOB.did, keys=BOB.keys)).proof() == PROOF


def test_links_reach_the_state_that_the_commit_pins() -> None:
    # Written from a device that was there before: the pinned state has to be shown all the same.
    longer = with_device(BOB, 0x51)
    author = replace(longer, did=BOB.did, keys=BOB.keys)
    proof = Deposit(author=author, team=team_of(ALICE, longer)).proof()
    assert len(proof.links) == 2
    assert verify_proof(proof, ROOT).did == BOB.did


def test_a_device_of_a_later_user_key_did_not_write_under_an_older_commit() -> None:
    with pytest.raises(UnknownSender):
        Deposit(author=with_device(with_user_key(BOB), 0x51)).proof()


def test_a_device_revoked_since_still_wrote_what_it_wrote() -> None:
    renewed = with_user_key(BOB)
    assert Deposit(author=renewed).proof() == PROOF


def test_certificates_that_prove_nothing_here_stay_out() -> None:
    old = compose_opcert(
        OPERATOR.root, purpose=Purpose.IDENTITY, public=b"o" * 32, not_before_ms=0, not_after_ms=NOW_MS - 1
    )
    deposit = Deposit()
    proof = compose_proof(
        env=deposit.env,
        es=TEAM.es,
        commit=TEAM.commit,
        links=[link.to_bytes() for link in BOB.links],
        opcerts=[old.raw, *CERTS],
        receipt=deposit.receipt(),
        root_public=ROOT,
    )
    assert proof == PROOF


def test_only_a_members_message_can_be_composed() -> None:
    with pytest.raises(SenderNotMember):
        Deposit(author=CAROL).proof()


def test_an_attachment_is_the_one_that_was_sent() -> None:
    other = msgspec.structs.replace(PHOTO, hash=b"h" * 32)
    content = msgspec.structs.replace(body(), att=(other, PHOTO))
    proven = verify_proof(Deposit(content=content).proof(), ROOT)
    assert open_attachment(proven, BLOB) == (1, FILE)
    for wrong in (FILE, b"", BLOB[:-1], BLOB + b"\0", bytes([BLOB[0] ^ 1]) + BLOB[1:]):
        with pytest.raises(ProofAttachmentUnknown):
            open_attachment(proven, wrong)


def test_an_author_who_names_a_wrong_key_gave_no_file() -> None:
    content = msgspec.structs.replace(body(), att=(msgspec.structs.replace(PHOTO, key=b"W" * 32),))
    with pytest.raises(BlobDamaged):
        open_attachment(verify_proof(Deposit(content=content).proof(), ROOT), BLOB)


def test_a_receipt_signed_again_alone_proves_the_same() -> None:
    alone = sign_batch([Deposit().leaf], OPERATOR.rc)[0]
    assert alone != parse_receipt(PROOF.receipt)
    assert verify_proof(change(PROOF, receipt=alone.to_bytes()), ROOT) == verify_proof(PROOF, ROOT)


def test_a_commit_of_a_later_epoch() -> None:
    commit, es = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER, CAROL.uid: Role.MEMBER},
        policy=TEAM.commit.core.policy,
        chains=chains(ALICE, BOB, CAROL),
        random_bytes=Stream("second"),
        previous=TEAM.commit,
    )
    assert isinstance(commit, Commit)
    assert verify_proof(Deposit(author=CAROL, team=Team(commit, es)).proof(), ROOT).who == CAROL.who
