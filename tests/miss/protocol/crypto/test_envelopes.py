from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import AccountId, BlobId
from miss.protocol.crypto import envelopes
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.changes import compose_add, compose_revoke
from miss.protocol.crypto.commits import Role
from miss.protocol.crypto.envelopes import (
    Alarm,
    Body,
    Seen,
    hash_envelope,
    message_key,
    open_envelope,
    parse_header,
    seal_envelope,
)
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import cosign
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.primitives import derive, hash_, pad256, seal, sign
from miss.protocol.errors import (
    BadBody,
    BadEnvelope,
    EnvelopeForged,
    EnvelopeTooLarge,
    EnvelopeUnreadable,
    ProtocolError,
    SenderNotMember,
    UnknownLinkHead,
    UnknownSender,
    UnsupportedSuite,
    UnsupportedVersion,
    WrongCommit,
    WrongCommitKey,
)
from miss.protocol.packing import pack
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_DEVICE,
    CAROL,
    NOW_MS,
    Person,
    Stream,
    body,
    chains,
    new_device,
    team,
)

TEAM = team()
KNOWN = chains(ALICE, BOB)
PHOTO = Attachment(
    blob=BlobId(b"b" * 16), key=b"K" * 32, size=70_000, hash=b"h" * 32, mime="image/jpeg", width=1600, height=1200
)


def envelope(person: Person = BOB, content: Body | None = None, seed: str = "env") -> bytes:
    return seal_envelope(
        es=TEAM.es,
        commit=TEAM.commit,
        did=person.did,
        ik=person.keys.ik,
        body=content or body(),
        random_bytes=Stream(seed),
    )


ENV = envelope()


def sealed_by_hand(hdr: bytes, content: bytes) -> bytes:
    """An envelope around any header and content, under the right keys."""
    mk = message_key(TEAM.es, hdr)
    ct = seal(derive(mk, "aead"), pad256(content), hdr, Stream("hand"))
    return pack([hdr, derive(mk, "commitkey"), ct])


def header_bytes(**changes: object) -> bytes:
    return pack(msgspec.structs.replace(parse_header(ENV), **changes))


def test_members_read_what_was_written() -> None:
    opened = open_envelope(ENV, TEAM.es, TEAM.commit, KNOWN)
    assert (opened.uid, opened.header.did, opened.body) == (BOB.uid, BOB.did, body())


@settings(max_examples=30)
@given(
    st.text(max_size=300),
    st.one_of(st.none(), st.just(Seen(3, b"l" * 32))),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from([ALICE.uid, BOB.uid])),
)
def test_any_body_round_trips(
    text: str, seen: Seen | None, reply: bool, urgent: bool, mentions: list[AccountId]
) -> None:
    content = msgspec.structs.replace(
        body(text),
        seen=seen,
        reply=body().mid if reply else None,
        att=(PHOTO,),
        urgent=urgent,
        mentions=tuple(mentions),
    )
    assert open_envelope(envelope(content=content), TEAM.es, TEAM.commit, KNOWN).body == content


def test_the_server_sees_the_header_and_no_content() -> None:
    env = envelope(content=msgspec.structs.replace(body("CANARY content"), att=(PHOTO,)))
    header = parse_header(env)
    assert (header.cid, header.commit, header.did) == (TEAM.commit.core.cid, TEAM.commit.hash, BOB.did)
    assert header.blobs == (PHOTO.blob,)
    assert b"CANARY" not in env
    assert PHOTO.key not in env


def test_lengths_are_hidden_in_steps_of_256_bytes() -> None:
    sizes = {len(envelope(content=body("x" * count))) for count in range(100)}
    assert len(sizes) == 1
    assert len(envelope(content=body("x" * 300))) == sizes.pop() + 256


def test_the_same_body_seals_to_another_envelope_each_time() -> None:
    assert envelope(seed="one") != envelope(seed="two")
    assert envelope(seed="one") == envelope(seed="one")
    assert hash_envelope(ENV) == hash_("env", ENV)


def test_an_alarm_is_visible_to_the_server() -> None:
    alarm = Alarm(ack_by=NOW_MS + 60_000, next_uids=(ALICE.uid,))
    env = seal_envelope(
        es=TEAM.es,
        commit=TEAM.commit,
        did=BOB.did,
        ik=BOB.keys.ik,
        body=body(),
        random_bytes=Stream("alarm"),
        n=7,
        alarm=alarm,
    )
    assert parse_header(env).alarm == alarm
    assert open_envelope(env, TEAM.es, TEAM.commit, KNOWN).header.n == 7


def test_every_changed_byte_is_seen() -> None:
    for at in range(len(ENV)):
        changed = bytearray(ENV)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            open_envelope(bytes(changed), TEAM.es, TEAM.commit, KNOWN)


@given(st.binary(max_size=600))
def test_bytes_of_others_never_crash_the_server(data: bytes) -> None:
    with pytest.raises((BadEnvelope, UnsupportedVersion, UnsupportedSuite)):
        parse_header(data)


def test_a_long_message_is_refused_before_it_leaves() -> None:
    for size in (64 * 1024 - 360, 64 * 1024, 10**6):
        with pytest.raises(EnvelopeTooLarge) as refused:
            envelope(content=body("x" * size))
        assert refused.value.params["max_bytes"] == 64 * 1024
    with pytest.raises(BadEnvelope):
        parse_header(ENV + bytes(64 * 1024))


def test_the_longest_message_fits() -> None:
    fitting = 64 * 1024 - 350
    while True:
        try:
            env = envelope(content=body("x" * fitting))
        except EnvelopeTooLarge:
            fitting -= 16
        else:
            break
    assert 64 * 1024 - 256 < len(env) <= 64 * 1024
    assert len(open_envelope(env, TEAM.es, TEAM.commit, KNOWN).body.text) == fitting


def test_five_hundred_may_be_named_and_no_more() -> None:
    everybody = tuple(AccountId(number.to_bytes(16, "big")) for number in range(501))
    content = msgspec.structs.replace(body(), mentions=everybody[:500])
    assert open_envelope(envelope(content=content), TEAM.es, TEAM.commit, KNOWN).body.mentions == everybody[:500]
    with pytest.raises(BadBody):
        envelope(content=msgspec.structs.replace(body(), mentions=everybody))


# Each failure has its name


def test_another_epoch() -> None:
    second, es = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=TEAM.commit.core.policy,
        chains=KNOWN,
        random_bytes=Stream("second"),
        previous=TEAM.commit,
    )
    with pytest.raises(WrongCommit):
        open_envelope(ENV, es, second, KNOWN)
    with pytest.raises(WrongCommit):
        open_envelope(sealed_by_hand(header_bytes(cid=bytes(32)), b""), TEAM.es, TEAM.commit, KNOWN)


def test_another_secret() -> None:
    with pytest.raises(WrongCommitKey):
        open_envelope(ENV, b"x" * 32, TEAM.commit, KNOWN)


def test_a_sender_nobody_knows() -> None:
    with pytest.raises(UnknownSender):
        open_envelope(envelope(CAROL), TEAM.es, TEAM.commit, KNOWN)


def test_a_known_person_who_is_not_a_member() -> None:
    with pytest.raises(SenderNotMember):
        open_envelope(envelope(CAROL), TEAM.es, TEAM.commit, chains(ALICE, BOB, CAROL))


def test_a_device_that_signs_for_another() -> None:
    env = seal_envelope(
        es=TEAM.es,
        commit=TEAM.commit,
        did=ALICE.did,
        ik=BOB.keys.ik,
        body=body(),
        random_bytes=Stream("forged"),
    )
    with pytest.raises(EnvelopeForged):
        open_envelope(env, TEAM.es, TEAM.commit, KNOWN)


def test_a_body_moved_to_another_header() -> None:
    hdr = header_bytes(n=1)
    packed = pack(body())
    moved = sign(BOB.keys.ik, "msg", hash_("hdr", header_bytes(n=2)) + packed)
    with pytest.raises(EnvelopeForged):
        open_envelope(sealed_by_hand(hdr, pack([packed, moved])), TEAM.es, TEAM.commit, KNOWN)


def test_content_that_does_not_decrypt() -> None:
    fields = msgspec.msgpack.decode(ENV)
    fields[2] = fields[2][:-1] + bytes([fields[2][-1] ^ 1])
    with pytest.raises(EnvelopeUnreadable):
        open_envelope(pack(fields), TEAM.es, TEAM.commit, KNOWN)


def test_content_without_padding() -> None:
    hdr = header_bytes()
    mk = message_key(TEAM.es, hdr)
    ct = seal(derive(mk, "aead"), bytes(256), hdr, Stream("unpadded"))
    with pytest.raises(EnvelopeUnreadable):
        open_envelope(pack([hdr, derive(mk, "commitkey"), ct]), TEAM.es, TEAM.commit, KNOWN)
    with pytest.raises(BadEnvelope) as refused:
        parse_header(pack([hdr, bytes(32), bytes(400)]))
    assert refused.value.params["reason"] == "not_padded"


@pytest.mark.parametrize("packed", [b"", pack([1, 2]), pack(msgspec.structs.replace(body(), type="text\n"))])
def test_signed_content_of_an_unknown_shape(packed: bytes) -> None:
    hdr = header_bytes()
    sig = sign(BOB.keys.ik, "msg", hash_("hdr", hdr) + packed)
    with pytest.raises(BadBody):
        open_envelope(sealed_by_hand(hdr, pack([packed, sig])), TEAM.es, TEAM.commit, KNOWN)


@pytest.mark.parametrize("blobs", [(PHOTO.blob,), (b"c" * 16,)])
def test_a_header_that_names_other_attachments(blobs: tuple[bytes, ...]) -> None:
    hdr = header_bytes(blobs=blobs)
    packed = pack(body())
    sig = sign(BOB.keys.ik, "msg", hash_("hdr", hdr) + packed)
    with pytest.raises(BadBody) as refused:
        open_envelope(sealed_by_hand(hdr, pack([packed, sig])), TEAM.es, TEAM.commit, KNOWN)
    assert refused.value.params["reason"] == "blobs"


def test_other_versions_and_suites_are_named() -> None:
    with pytest.raises(UnsupportedVersion):
        parse_header(pack([header_bytes(v=2), bytes(32), bytes(296)]))
    with pytest.raises(UnsupportedSuite):
        parse_header(pack([header_bytes(suite=2), bytes(32), bytes(296)]))


def test_a_device_linked_since_may_write_and_a_revoked_one_may_not() -> None:
    tablet, tablet_keys = new_device(0x50)
    link = compose_add(BOB.chain, device=tablet, by=BOB.did, by_keys=BOB.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    bob = BOB.after(cosign(link, tablet_keys))
    env = envelope(replace(bob, did=tablet.did, keys=tablet_keys))
    assert open_envelope(env, TEAM.es, TEAM.commit, chains(ALICE, bob)).uid == BOB.uid
    revoked = bob.after(
        compose_revoke(
            bob.chain,
            did=tablet.did,
            user_key=UserKey(2, b"2" * 32),
            by=BOB.did,
            by_keys=BOB.keys,
            proof=BY_DEVICE,
            ts_ms=NOW_MS,
        )
    )
    second, es = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=TEAM.commit.core.policy,
        chains=chains(ALICE, revoked),
        random_bytes=Stream("after"),
        previous=TEAM.commit,
    )
    late = seal_envelope(
        es=es, commit=second, did=tablet.did, ik=tablet_keys.ik, body=body(), random_bytes=Stream("late")
    )
    with pytest.raises(UnknownSender):
        open_envelope(late, es, second, chains(ALICE, revoked))
    with pytest.raises(UnknownLinkHead):
        open_envelope(late, es, second, chains(ALICE, bob))


def test_content_and_keys_do_not_show() -> None:
    content = msgspec.structs.replace(body("CANARY"), att=(PHOTO,))
    opened = open_envelope(envelope(content=content), TEAM.es, TEAM.commit, KNOWN)
    for shown in (repr(content), repr(opened), repr(PHOTO)):
        assert "CANARY" not in shown
        assert "KKKK" not in shown


def test_bodies_name_their_types_as_the_specification_does() -> None:
    said = (envelopes.TEXT, envelopes.NAME, envelopes.REACTION, envelopes.EDIT, envelopes.DELETE, envelopes.LEAVE)
    assert said == ("text", "name", "reaction", "edit", "delete", "leave")
    assert (envelopes.ACK, envelopes.NOTICE) == ("ack", "notice")
