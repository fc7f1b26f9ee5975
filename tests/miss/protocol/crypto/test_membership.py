from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec
import pytest

from miss.base.ids import AccountId
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.changes import compose_add, compose_revoke, compose_uek
from miss.protocol.crypto.commits import (
    Box,
    Commit,
    CommitCore,
    HistoryPolicy,
    Policy,
    Role,
    confirmation,
    conversation_id,
    history_hash,
    open_box,
    pack_core,
)
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import cosign
from miss.protocol.crypto.membership import Author, compose_commit, stale_members, verify_commit
from miss.protocol.crypto.primitives import sign
from miss.protocol.errors import (
    BoxMissing,
    CommitForged,
    CommitNotAllowed,
    CommitOutOfOrder,
    CommitStale,
    ProtocolError,
    UnknownLinkHead,
)
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_DEVICE,
    CAROL,
    NOW_MS,
    ON_PAPER,
    Person,
    Stream,
    chains,
    new_device,
    team,
)

TEAM = team()
ALL = chains(ALICE, BOB, CAROL)
PAIR = {ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER}
TRIO = {**PAIR, CAROL.uid: Role.MEMBER}


def commit_by(
    person: Person,
    members: Mapping[AccountId, Role] = PAIR,
    policy: Policy = TEAM.commit.core.policy,
    previous: Commit | None = TEAM.commit,
    known: Mapping[AccountId, Chain] = ALL,
    secrets: Mapping[int, bytes] | None = None,
) -> Commit:
    return compose_commit(
        author=person.author,
        members=members,
        policy=policy,
        chains=known,
        random_bytes=Stream("next"),
        previous=previous,
        secrets=secrets,
    )[0]


def resigned(commit: Commit, person: Person = ALICE, **changes: object) -> Commit:
    """What a member who does not follow the rules would send: other fields, rightly signed."""
    core: CommitCore = msgspec.structs.replace(commit.core, **changes)
    if core.epoch == 1:
        core = msgspec.structs.replace(core, cid=conversation_id(core))
    core_bytes = pack_core(core)
    conf = confirmation(b"e" * 32, core_bytes)
    return replace(
        commit,
        core=core,
        core_bytes=core_bytes,
        conf=conf,
        sig=sign(person.keys.ik, "commit", core_bytes + conf),
    )


def test_an_admin_adds_and_removes() -> None:
    second = commit_by(ALICE, TRIO)
    verify_commit(second, TEAM.commit, ALL)
    third = commit_by(ALICE, {ALICE.uid: Role.ADMIN, CAROL.uid: Role.MEMBER}, previous=second)
    assert (second.core.epoch, third.core.epoch) == (2, 3)
    with pytest.raises(BoxMissing):
        open_box(third, BOB.uid, BOB.user_key)


def test_every_epoch_has_a_fresh_secret() -> None:
    again, es = compose_commit(
        author=ALICE.author,
        members=PAIR,
        policy=Policy(),
        chains=ALL,
        random_bytes=Stream("fresh"),
        previous=TEAM.commit,
    )
    assert es != TEAM.es
    assert open_box(again, BOB.uid, BOB.user_key) == es


def test_a_plain_member_may_renew_the_secret_and_nothing_else() -> None:
    verify_commit(commit_by(BOB), TEAM.commit, ALL)
    for members, policy in [
        (TRIO, Policy()),
        ({BOB.uid: Role.ADMIN}, Policy()),
        ({ALICE.uid: Role.ADMIN, BOB.uid: Role.ADMIN}, Policy()),
        (PAIR, Policy(ttl_s=3600)),
    ]:
        with pytest.raises(CommitNotAllowed) as refused:
            commit_by(BOB, members, policy)
        assert refused.value.params["rule"] == "admin_only"


def test_the_establishment_that_owns_a_team_stays() -> None:
    owned = Policy(owner="990000017")
    first = commit_by(ALICE, PAIR, owned, previous=None)
    verify_commit(commit_by(ALICE, TRIO, Policy(ttl_s=60, owner="990000017"), previous=first), first, ALL)
    for previous, policy in ((first, Policy()), (first, Policy(owner="2A0000017")), (TEAM.commit, owned)):
        with pytest.raises(CommitNotAllowed) as refused:
            commit_by(ALICE, PAIR, policy, previous=previous)
        assert refused.value.params["rule"] == "owner"
    with pytest.raises(CommitNotAllowed) as refused:
        commit_by(BOB, PAIR, Policy(), previous=first)
    assert refused.value.params["rule"] == "admin_only"


def test_a_conversation_keeps_an_admin() -> None:
    for previous in (TEAM.commit, None):
        with pytest.raises(CommitNotAllowed) as refused:
            commit_by(ALICE, {ALICE.uid: Role.MEMBER, BOB.uid: Role.MEMBER}, previous=previous)
        assert refused.value.params["rule"] == "no_admin"


def test_whoever_starts_a_conversation_is_its_admin() -> None:
    with pytest.raises(CommitNotAllowed) as refused:
        commit_by(BOB, PAIR, previous=None)
    assert refused.value.params["rule"] == "admin_only"


@pytest.mark.parametrize(
    ("person", "members"),
    [
        (CAROL, TRIO),  # was not a member before
        (CAROL, PAIR),
        (ALICE, {BOB.uid: Role.ADMIN}),  # leaves, and would know the new secret
    ],
)
def test_only_a_member_before_and_after_commits(person: Person, members: Mapping[AccountId, Role]) -> None:
    with pytest.raises(CommitNotAllowed) as refused:
        commit_by(person, members)
    assert refused.value.params["rule"] == "author_not_member"


def test_commits_follow_each_other_exactly() -> None:
    second = commit_by(ALICE)
    third = commit_by(ALICE, previous=second)
    other = commit_by(ALICE, TRIO, previous=None)
    for commit, previous in [
        (second, None),
        (third, TEAM.commit),
        (second, second),
        (TEAM.commit, second),
        (second, other),
        (resigned(second, prev=bytes(32)), TEAM.commit),
        (resigned(second, epoch=3), TEAM.commit),
        (resigned(second, cid=bytes(32)), TEAM.commit),
    ]:
        with pytest.raises(CommitOutOfOrder):
            verify_commit(commit, previous, ALL)


def test_the_signature_is_that_of_the_named_device() -> None:
    second = commit_by(ALICE)
    for commit in (
        replace(second, sig=bytes(64)),
        resigned(second, BOB),
        resigned(second, did=BOB.did),
        resigned(second, did=b"?" * 16),
    ):
        with pytest.raises(CommitForged):
            verify_commit(commit, TEAM.commit, ALL)


def test_the_recovery_key_commits_nothing() -> None:
    paper, paper_keys = new_device(0x70)
    link = compose_add(ALICE.chain, device=paper, by=ALICE.did, by_keys=ALICE.keys, proof=ON_PAPER, ts_ms=NOW_MS)
    person = ALICE.after(cosign(link, paper_keys))
    with pytest.raises(CommitForged):
        compose_commit(
            author=Author(ALICE.uid, paper.did, paper_keys),
            members=PAIR,
            policy=Policy(),
            chains=chains(person, BOB),
            random_bytes=Stream("paper"),
        )


def test_a_revoked_device_commits_nothing() -> None:
    tablet, tablet_keys = new_device(0x50)
    link = compose_add(BOB.chain, device=tablet, by=BOB.did, by_keys=BOB.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    bob = BOB.after(cosign(link, tablet_keys))
    bob = bob.after(
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
    with pytest.raises(CommitForged):
        compose_commit(
            author=Author(BOB.uid, tablet.did, tablet_keys),
            members=PAIR,
            policy=Policy(),
            chains=chains(ALICE, bob),
            random_bytes=Stream("revoked"),
            previous=TEAM.commit,
        )


def renewed(person: Person) -> Person:
    """The same person with a second user key."""
    return person.after(
        compose_uek(
            person.chain,
            user_key=UserKey(2, b"2" * 32),
            by=person.did,
            by_keys=person.keys,
            proof=BY_DEVICE,
            ts_ms=NOW_MS,
        )
    )


def test_members_are_pinned_to_a_state_of_their_chain() -> None:
    bob = renewed(BOB)
    second = commit_by(ALICE, known=chains(ALICE, bob))
    member = second.member(BOB.uid)
    assert member is not None
    assert (member.link_head, member.uek_gen) == (bob.chain.head, 2)
    with pytest.raises(UnknownLinkHead):
        verify_commit(second, TEAM.commit, ALL)  # the reader's chain is too old
    with pytest.raises(UnknownLinkHead):
        verify_commit(second, TEAM.commit, chains(ALICE))
    # A commit made before still verifies with the longer chain, but is no longer current.
    verify_commit(TEAM.commit, None, chains(ALICE, bob))
    assert stale_members(TEAM.commit, chains(ALICE, bob)) == [BOB.uid]
    assert stale_members(second, chains(ALICE, bob)) == []


def test_a_member_does_not_go_back_to_an_older_state() -> None:
    bob = renewed(BOB)
    second = commit_by(ALICE, known=chains(ALICE, bob))
    back = commit_by(ALICE, previous=None)
    third = resigned(second, epoch=3, prev=second.hash, members=back.core.members)
    with pytest.raises(CommitStale) as refused:
        verify_commit(third, second, chains(ALICE, bob))
    assert refused.value.params["reason"] == "rollback"


def test_a_member_is_not_pinned_to_another_generation() -> None:
    second = commit_by(ALICE)
    alice, bob = second.core.members
    changed = resigned(second, members=(alice, msgspec.structs.replace(bob, uek_gen=2)))
    with pytest.raises(CommitStale) as refused:
        verify_commit(changed, TEAM.commit, ALL)
    assert refused.value.params["reason"] == "uek_gen"


def with_history(uid: AccountId, policy: HistoryPolicy) -> Callable[[], tuple[Commit, Commit]]:
    def make() -> tuple[Commit, Commit]:
        before = team(policy).commit
        second = commit_by(ALICE, TRIO, before.core.policy, before)
        boxes = (Box(uid, b"h" * 100),)
        return replace(resigned(second, history_hash=history_hash(boxes)), history=boxes), before

    return make


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (with_history(CAROL.uid, HistoryPolicy.NOTHING), "history_closed"),
        (with_history(BOB.uid, HistoryPolicy.EVERYTHING), "history_not_newcomer"),
    ],
)
def test_history_goes_to_newcomers_and_only_if_open(make: Callable[[], tuple[Commit, Commit]], rule: str) -> None:
    commit, before = make()
    with pytest.raises(CommitNotAllowed) as refused:
        verify_commit(commit, before, ALL)
    assert refused.value.params["rule"] == rule


def test_history_is_not_composed_against_the_policy() -> None:
    assert commit_by(ALICE, TRIO, secrets={1: TEAM.es}).history == ()
    opened = team(HistoryPolicy.EVERYTHING)
    again = commit_by(ALICE, TRIO, opened.commit.core.policy, opened.commit, secrets={1: opened.es})
    assert [box.uid for box in again.history] == [CAROL.uid]
    assert commit_by(ALICE, TRIO, opened.commit.core.policy, opened.commit).history == ()


def test_a_first_commit_cannot_carry_history() -> None:
    boxes = (Box(BOB.uid, b"h" * 100),)
    first = team(HistoryPolicy.EVERYTHING).commit
    changed = replace(resigned(first, history_hash=history_hash(boxes)), history=boxes)
    with pytest.raises(CommitNotAllowed):
        verify_commit(changed, None, ALL)


def test_a_commit_of_an_unknown_person_is_not_composed() -> None:
    with pytest.raises(ProtocolError):
        commit_by(ALICE, TRIO, known=chains(ALICE, BOB))
