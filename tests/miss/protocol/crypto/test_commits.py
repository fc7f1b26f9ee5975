from dataclasses import replace

import msgspec
import pytest

from miss.base.ids import AccountId
from miss.protocol.crypto.commits import (
    Box,
    Commit,
    HistoryPolicy,
    Member,
    Policy,
    Role,
    box_info_of,
    boxes_hash,
    conversation_id,
    open_box,
    open_history,
    pack_core,
    pack_history,
    parse_commit,
    parse_core,
    require_confirmed,
)
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.membership import compose_commit, verify_commit
from miss.protocol.crypto.primitives import hash_
from miss.protocol.errors import (
    BadCommit,
    BoxMissing,
    BoxUnreadable,
    ProtocolError,
    UnsupportedSuite,
    UnsupportedVersion,
    WrongConfirmation,
    WrongUserKey,
)
from miss.protocol.packing import pack
from tests.miss.protocol.people import ALICE, BOB, CAROL, Stream, chains, team

TEAM = team(HistoryPolicy.EVERYTHING)


def with_carol() -> tuple[Commit, bytes]:
    return compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER, CAROL.uid: Role.MEMBER},
        policy=TEAM.commit.core.policy,
        chains=chains(ALICE, BOB, CAROL),
        random_bytes=Stream("second"),
        previous=TEAM.commit,
        secrets={1: TEAM.es},
    )


def test_every_member_opens_the_epoch() -> None:
    received = parse_commit(TEAM.commit.to_bytes())
    assert received == TEAM.commit
    for person in (ALICE, BOB):
        assert open_box(received, person.uid, person.user_key) == TEAM.es


def test_an_outsider_opens_nothing() -> None:
    with pytest.raises(BoxMissing):
        open_box(TEAM.commit, CAROL.uid, CAROL.user_key)
    with pytest.raises(BoxUnreadable):
        open_box(TEAM.commit, BOB.uid, CAROL.user_key)


def test_a_box_opens_for_its_own_member_only() -> None:
    swapped = replace(
        TEAM.commit, boxes=(Box(ALICE.uid, TEAM.commit.boxes[1].sealed), Box(BOB.uid, TEAM.commit.boxes[0].sealed))
    )
    with pytest.raises(BoxUnreadable):
        open_box(swapped, ALICE.uid, BOB.user_key)


def test_the_wrong_generation_is_named() -> None:
    with pytest.raises(WrongUserKey) as refused:
        open_box(TEAM.commit, BOB.uid, UserKey(2, BOB.user_key.secret))
    assert refused.value.params == {"wanted": 1, "given": 2}


def test_the_conversation_is_named_by_its_first_core() -> None:
    core = TEAM.commit.core
    empty = msgspec.structs.replace(core, cid=b"")
    assert core.cid == hash_("conversation", pack(empty)) == conversation_id(core)
    assert pack_core(core) == TEAM.commit.core_bytes


def test_the_hash_covers_core_and_confirmation_only() -> None:
    commit = TEAM.commit
    assert commit.hash == hash_("commit", commit.core_bytes + commit.conf)
    assert replace(commit, sig=bytes(64)).hash == commit.hash
    assert replace(commit, conf=bytes(32)).hash != commit.hash


def test_a_commit_travels_without_the_boxes_of_others() -> None:
    stripped = TEAM.commit.stripped()
    received = parse_commit(stripped.to_bytes())
    assert len(stripped.to_bytes()) < len(TEAM.commit.to_bytes()) / 4
    assert received.hash == TEAM.commit.hash
    assert received.box(BOB.uid) is None
    with pytest.raises(BoxMissing):
        open_box(received, BOB.uid, BOB.user_key)
    own = TEAM.commit.box(BOB.uid)
    assert own is not None
    mine = received.with_box(BOB.uid, own)
    verify_commit(mine, None, chains(ALICE, BOB))
    assert open_box(mine, BOB.uid, BOB.user_key) == TEAM.es


def test_a_box_put_back_has_to_be_the_one_that_was_hashed() -> None:
    stripped, own = TEAM.commit.stripped(), TEAM.commit.box(BOB.uid)
    assert own is not None
    for uid, sealed in [(BOB.uid, own[:-1] + bytes([own[-1] ^ 1])), (ALICE.uid, own), (CAROL.uid, own)]:
        with pytest.raises(BadCommit):
            stripped.with_box(uid, sealed)


def test_the_confirmation_shows_a_swapped_secret() -> None:
    with pytest.raises(WrongConfirmation):
        require_confirmed(TEAM.commit, b"x" * 32)
    with pytest.raises(WrongConfirmation):
        open_box(replace(TEAM.commit, conf=bytes(32)), BOB.uid, BOB.user_key)


def test_a_newcomer_reads_the_time_before_if_the_policy_allows() -> None:
    commit, es = with_carol()
    received = parse_commit(commit.to_bytes())
    assert open_box(received, CAROL.uid, CAROL.user_key) == es
    assert open_history(received, CAROL.uid, CAROL.user_key, {1: TEAM.commit}) == {1: TEAM.es}
    assert [box.uid for box in received.history] == [CAROL.uid]
    with pytest.raises(BoxMissing):
        open_history(received, BOB.uid, BOB.user_key, {1: TEAM.commit})
    with pytest.raises(BoxMissing):
        open_history(received, CAROL.uid, CAROL.user_key, {})
    with pytest.raises(WrongConfirmation):
        open_history(received, CAROL.uid, CAROL.user_key, {1: received})


def test_history_travels_beside_a_stripped_commit() -> None:
    commit, _ = with_carol()
    box, history = commit.box(CAROL.uid), commit.history_box(CAROL.uid)
    assert box is not None
    assert history is not None
    mine = parse_commit(commit.stripped().to_bytes()).with_box(CAROL.uid, box, history)
    assert open_history(mine, CAROL.uid, CAROL.user_key, {1: TEAM.commit}) == {1: TEAM.es}


def test_every_changed_byte_is_seen() -> None:
    """By the parser, the signature, the hash of the boxes or the box itself."""
    raw = TEAM.commit.to_bytes()
    known = chains(ALICE, BOB)
    # Boxes are 2,336 of some 2,750 bytes, each under one hash: a sample of those, all of the rest.
    for at in [*range(420), *range(420, len(raw), 11)]:
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            verify_commit(parse_commit(bytes(changed)), None, known)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"members": TEAM.commit.core.members[::-1]}, "member_order"),
        ({"members": TEAM.commit.core.members[:1] * 2}, "member_order"),
        ({"members": ()}, "malformed"),
        ({"prev": bytes(32)}, "prev"),
        ({"epoch": 2}, "prev"),
        ({"epoch": 2, "prev": bytes(31)}, "prev"),
        ({"epoch": 0}, "malformed"),
        ({"cid": bytes(32)}, "cid"),
        ({"cid": b""}, "cid"),
        ({"policy": Policy(ttl_s=7)}, "cid"),
        ({"policy": Policy(owner="2B0000017")}, "cid"),
        ({"policy": Policy(owner="99000001")}, "malformed"),
        ({"policy": Policy(owner="9A0000017")}, "malformed"),
        ({"policy": Policy(owner="990000017\n")}, "malformed"),
    ],
)
def test_a_core_that_contradicts_itself(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BadCommit) as refused:
        parse_core(pack(msgspec.structs.replace(TEAM.commit.core, **changes)))
    assert refused.value.params["reason"] == reason


def test_other_versions_and_suites_are_named() -> None:
    with pytest.raises(UnsupportedSuite):
        parse_core(pack(msgspec.structs.replace(TEAM.commit.core, suite=2)))
    with pytest.raises(UnsupportedVersion):
        parse_core(pack(msgspec.structs.replace(TEAM.commit.core, v=2)))


def test_boxes_have_to_be_those_of_the_members_and_of_the_hash() -> None:
    commit = TEAM.commit
    extra = Box(CAROL.uid, b"x" * 100)
    cases = [
        (replace(commit, boxes=commit.boxes[:1]), "boxes_of_others"),
        (replace(commit, boxes=commit.boxes[::-1]), "boxes_of_others"),
        (replace(commit, boxes=(commit.boxes[0], extra)), "boxes_of_others"),
        (replace(commit, boxes=(commit.boxes[0], Box(BOB.uid, b"x" * 100))), "boxes_hash"),
        (replace(commit, history=(extra,)), "boxes_hash"),
        (replace(commit, history=(extra, extra)), "history_order"),
    ]
    for changed, reason in cases:
        with pytest.raises(BadCommit) as refused:
            parse_commit(changed.to_bytes())
        assert refused.value.params["reason"] == reason


def test_digests_hash_like_their_boxes() -> None:
    assert boxes_hash(TEAM.commit.boxes) == boxes_hash(TEAM.commit.stripped().boxes)


def test_five_hundred_members_fit() -> None:
    members = tuple(Member(AccountId(number.to_bytes(16, "big")), bytes(32), 1, Role.ADMIN) for number in range(500))
    boxes = tuple(Box(member.uid, number.to_bytes(2, "big") * 584) for number, member in enumerate(members))
    core = msgspec.structs.replace(TEAM.commit.core, members=members, boxes_hash=boxes_hash(boxes))
    core = msgspec.structs.replace(core, cid=conversation_id(core))
    commit = Commit(core, pack_core(core), bytes(32), bytes(64), boxes)
    assert parse_commit(commit.to_bytes()).hash == commit.hash
    assert len(commit.stripped().to_bytes()) < 64 * 1024


def test_history_is_packed_in_order_and_shows_no_secret() -> None:
    assert pack_history({2: b"b" * 32, 1: b"a" * 32}) == pack([[[1, b"a" * 32], [2, b"b" * 32]]])
    with pytest.raises(BadCommit):
        pack_history({1: b"short"})


def test_a_box_is_bound_to_what_the_specification_says() -> None:
    bound = box_info_of("box", b"h" * 32, AccountId(b"u" * 16), 3)
    assert bound == b"MiSS1 box\0" + b"h" * 32 + b"u" * 16 + bytes(7) + b"\x03"
