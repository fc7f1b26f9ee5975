from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from miss.base.ids import AccountId, DeviceId
from miss.protocol.crypto.chains import FUTURE_TOLERANCE_MS, Chain, apply_link, verify_chain
from miss.protocol.crypto.changes import (
    compose_add,
    compose_recover,
    compose_reset,
    compose_revoke,
    compose_uek,
)
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import (
    Link,
    LinkCore,
    Op,
    Who,
    compose_genesis,
    cosign,
    countersign,
    vouch,
    wrap_core,
)
from miss.protocol.crypto.opcert import Purpose, compose_opcert
from miss.protocol.errors import (
    BadOpCert,
    LinkForged,
    LinkNotAllowed,
    LinkNotCountersigned,
    LinkOutOfOrder,
    UnknownLinkHead,
)
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_CODE,
    BY_DEVICE,
    NOW_MS,
    ON_PAPER,
    OPERATOR,
    YEAR_MS,
    Person,
    new_device,
)

TABLET, TABLET_KEYS = new_device(0x50)
PHONE, PHONE_KEYS = new_device(0x60)
PAPER, PAPER_KEYS = new_device(0x70)
SECOND_KEY = UserKey(2, b"u" * 32)


def add_tablet(person: Person = ALICE, ts_ms: int = NOW_MS) -> Link:
    link = compose_add(person.chain, device=TABLET, by=person.did, by_keys=person.keys, proof=BY_DEVICE, ts_ms=ts_ms)
    return cosign(link, TABLET_KEYS)


def add_paper(person: Person = ALICE) -> Link:
    link = compose_add(person.chain, device=PAPER, by=person.did, by_keys=person.keys, proof=ON_PAPER, ts_ms=NOW_MS)
    return cosign(link, PAPER_KEYS)


def revoke(person: Person, did: DeviceId, user_key: UserKey = SECOND_KEY) -> Link:
    return compose_revoke(
        person.chain,
        did=did,
        user_key=user_key,
        by=person.did,
        by_keys=person.keys,
        proof=BY_DEVICE,
        ts_ms=NOW_MS,
    )


def verify_links(links: tuple[Link, ...], now_ms: int | None = NOW_MS) -> Chain:
    return verify_chain(links, OPERATOR.root_public, [OPERATOR.cert().raw], now_ms=now_ms)


WITH_TABLET = ALICE.after(add_tablet())
WITH_PAPER = ALICE.after(add_paper())


def test_a_person_starts_with_one_device() -> None:
    chain = verify_links(ALICE.links)
    assert chain == ALICE.chain
    assert (chain.uid, chain.seq, chain.uek_gen, chain.who.family) == (ALICE.uid, 1, 1, "Aubert")
    assert set(chain.devices) == {ALICE.did}
    assert chain.head == ALICE.links[0].hash


def test_a_second_device_enters_and_the_user_key_stays() -> None:
    chain = verify_links(WITH_TABLET.links)
    assert set(chain.devices) == {ALICE.did, TABLET.did}
    assert chain.devices[TABLET.did].ek == TABLET.ek
    assert (chain.seq, chain.uek_gen, chain.uek_pk) == (2, 1, ALICE.chain.uek_pk)


def test_a_revoked_device_leaves_with_a_new_user_key_and_never_comes_back() -> None:
    person = WITH_TABLET.after(revoke(WITH_TABLET, TABLET.did))
    chain = verify_links(person.links)
    assert set(chain.devices) == {ALICE.did}
    assert chain.revoked == {TABLET.did}
    assert (chain.uek_gen, chain.uek_pk) == (2, SECOND_KEY.public)
    with pytest.raises(LinkNotAllowed) as refused:
        apply_link(person.chain, add_tablet(person))
    assert refused.value.params["rule"] == "did_known"


def test_a_user_key_is_renewed() -> None:
    link = compose_uek(
        ALICE.chain, user_key=SECOND_KEY, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS
    )
    chain = verify_links(ALICE.after(link).links)
    assert (chain.uek_gen, set(chain.devices)) == (2, {ALICE.did})


def test_the_recovery_key_lets_a_device_in() -> None:
    link = compose_recover(
        WITH_PAPER.chain, device=PHONE, paper=PAPER.did, paper_keys=PAPER_KEYS, proof=BY_CODE, ts_ms=NOW_MS
    )
    chain = verify_links(WITH_PAPER.after(cosign(link, PHONE_KEYS)).links)
    assert set(chain.devices) == {ALICE.did, PAPER.did, PHONE.did}
    assert [device.did for device in chain.devices.values() if device.paper] == [PAPER.did]


def test_a_reset_by_the_operator_starts_over_and_is_counted() -> None:
    link = compose_reset(
        WITH_TABLET.chain,
        did=PHONE.did,
        keys=PHONE_KEYS,
        user_key=SECOND_KEY,
        who=ALICE.who,
        proof=BY_CODE,
        ts_ms=NOW_MS,
    )
    chain = verify_links(WITH_TABLET.after(link).links)
    assert set(chain.devices) == {PHONE.did}
    assert chain.revoked == {ALICE.did, TABLET.did}
    assert (chain.resets, WITH_TABLET.chain.resets) == (1, 0)


def test_a_chain_is_verified_in_pieces() -> None:
    whole = verify_links(WITH_TABLET.links)
    start = verify_links(WITH_TABLET.links[:1])
    certs = [OPERATOR.cert().raw]
    assert verify_chain(WITH_TABLET.links[1:], OPERATOR.root_public, certs, after=start) == whole
    assert verify_chain([], OPERATOR.root_public, certs, after=start) == start
    with pytest.raises(LinkOutOfOrder):
        verify_chain([], OPERATOR.root_public, certs)


# The operator alone, the person alone


def test_the_operator_alone_cannot_add_a_ghost_device() -> None:
    ghost = compose_add(ALICE.chain, device=TABLET, by=ALICE.did, by_keys=TABLET_KEYS, proof=BY_DEVICE, ts_ms=NOW_MS)
    ghost = countersign(cosign(ghost, TABLET_KEYS), OPERATOR.op)
    for link in (ghost, replace(ghost, by=None, by_sig=None), replace(ghost, by=TABLET.did)):
        with pytest.raises(LinkForged):
            verify_links((*ALICE.links, link))


def test_a_person_alone_cannot_claim_an_identity() -> None:
    alone = replace(ALICE.links[0], op_sig=None)
    by_herself = countersign(alone, ALICE.keys.ik)
    for link in (alone, by_herself):
        with pytest.raises(LinkNotCountersigned):
            verify_links((link,))


def test_a_device_does_not_enter_without_its_own_signature() -> None:
    link = add_tablet()
    for forged in (replace(link, new_sig=None), cosign(link, PHONE_KEYS)):
        with pytest.raises(LinkForged) as refused:
            apply_link(ALICE.chain, forged)
        assert refused.value.params["reason"] == "new_sig"


def test_the_operators_key_counts_only_while_certified_for_identities() -> None:
    for purpose, start, end in [
        (Purpose.RECEIPT, NOW_MS - 1, NOW_MS + 1),
        (Purpose.IDENTITY, NOW_MS - 10, NOW_MS - 1),
        (Purpose.IDENTITY, NOW_MS + 1, NOW_MS + 10),
    ]:
        cert = compose_opcert(
            OPERATOR.root,
            purpose=purpose,
            public=bytes(OPERATOR.op.verify_key),
            not_before_ms=start,
            not_after_ms=end,
        )
        with pytest.raises(LinkNotCountersigned):
            verify_chain(ALICE.links, OPERATOR.root_public, [cert.raw])
    with pytest.raises(BadOpCert):
        verify_chain(ALICE.links, bytes(OPERATOR.op.verify_key), [OPERATOR.cert().raw])


def test_links_outlive_the_operators_certificate() -> None:
    later = NOW_MS + 3 * YEAR_MS
    assert verify_links(ALICE.links, now_ms=later).seq == 1


def test_a_link_from_the_future_is_refused() -> None:
    links = ALICE.after(add_tablet(ts_ms=NOW_MS + FUTURE_TOLERANCE_MS + 1)).links
    with pytest.raises(LinkNotAllowed) as refused:
        verify_links(links)
    assert refused.value.params["rule"] == "future"
    assert verify_links(links, now_ms=NOW_MS + 1).seq == 2
    assert verify_links(links, now_ms=None).seq == 2
    assert FUTURE_TOLERANCE_MS == 300_000, "as the specification says"


# Order


def test_links_follow_each_other_exactly() -> None:
    first, second = WITH_TABLET.links
    bobs = BOB.after(add_tablet(BOB)).links[1]
    for links in [(second,), (first, first), (first, second, second), (first, bobs), (second, first)]:
        with pytest.raises(LinkOutOfOrder):
            verify_links(links)


def test_a_fork_is_refused() -> None:
    other = compose_add(ALICE.chain, device=PHONE, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    with pytest.raises(LinkOutOfOrder):
        verify_links((*WITH_TABLET.links, countersign(cosign(other, PHONE_KEYS), OPERATOR.op)))


# Rules of the operations


def test_a_device_does_not_revoke_itself() -> None:
    with pytest.raises(LinkNotAllowed) as refused:
        apply_link(WITH_TABLET.chain, revoke(WITH_TABLET, ALICE.did))
    assert refused.value.params["rule"] == "self_revocation"


def test_a_revoked_device_vouches_for_nobody() -> None:
    person = WITH_TABLET.after(revoke(WITH_TABLET, TABLET.did))
    link = compose_add(person.chain, device=PHONE, by=TABLET.did, by_keys=TABLET_KEYS, proof=BY_DEVICE, ts_ms=NOW_MS)
    with pytest.raises(LinkForged):
        apply_link(person.chain, cosign(link, PHONE_KEYS))


def test_the_recovery_key_signs_nothing_but_recover() -> None:
    chain = WITH_PAPER.chain
    add = compose_add(chain, device=PHONE, by=PAPER.did, by_keys=PAPER_KEYS, proof=BY_DEVICE, ts_ms=NOW_MS)
    uek = compose_uek(chain, user_key=SECOND_KEY, by=PAPER.did, by_keys=PAPER_KEYS, proof=BY_DEVICE, ts_ms=NOW_MS)
    for link in (cosign(add, PHONE_KEYS), uek):
        with pytest.raises(LinkForged):
            apply_link(chain, link)


def test_an_ordinary_device_does_not_recover() -> None:
    link = compose_recover(
        WITH_PAPER.chain, device=PHONE, paper=ALICE.did, paper_keys=ALICE.keys, proof=BY_CODE, ts_ms=NOW_MS
    )
    with pytest.raises(LinkForged):
        apply_link(WITH_PAPER.chain, cosign(link, PHONE_KEYS))


def test_there_is_one_recovery_key_and_it_only_enters_by_add() -> None:
    second = compose_add(WITH_PAPER.chain, device=PHONE, by=ALICE.did, by_keys=ALICE.keys, proof=ON_PAPER, ts_ms=NOW_MS)
    recovered = compose_recover(
        WITH_PAPER.chain, device=PHONE, paper=PAPER.did, paper_keys=PAPER_KEYS, proof=ON_PAPER, ts_ms=NOW_MS
    )
    for link in (second, recovered):
        with pytest.raises(LinkNotAllowed) as refused:
            apply_link(WITH_PAPER.chain, cosign(link, PHONE_KEYS))
        assert refused.value.params["rule"] == "paper"


def with_devices(person: Person, count: int) -> Person:
    """The same person after more devices have entered, up to `count` in all."""
    for number in range(count - len(person.chain.devices)):
        device, keys = new_device(0x90 + number)
        link = compose_add(person.chain, device=device, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
        person = person.after(cosign(link, keys))
    return person


def test_ten_devices_at_most() -> None:
    person = with_devices(ALICE, 10)
    with pytest.raises(LinkNotAllowed) as refused:
        apply_link(person.chain, add_tablet(person))
    assert refused.value.params["rule"] == "too_many_devices"


def test_who_lost_ten_devices_recovers_an_eleventh_and_no_more() -> None:
    person = with_devices(WITH_PAPER, 10)

    def recover(number: int) -> Link:
        device, keys = new_device(number)
        link = compose_recover(
            person.chain, device=device, paper=PAPER.did, paper_keys=PAPER_KEYS, proof=BY_CODE, ts_ms=NOW_MS
        )
        return cosign(link, keys)

    person = person.after(recover(0x60))
    assert len(verify_links(person.links).devices) == 11
    for link in (recover(0x61), add_tablet(person)):
        with pytest.raises(LinkNotAllowed) as refused:
            apply_link(person.chain, link)
        assert refused.value.params["rule"] == "too_many_devices"


def tamper(link: Link, keys: DeviceKeys | None = TABLET_KEYS, **changes: object) -> Link:
    """A link whose author signed other values than the rules allow."""
    changed = wrap_core(msgspec.structs.replace(link.core, **changes))
    if link.by is not None:
        changed = vouch(changed, link.by, ALICE.keys)
    return cosign(changed, keys) if keys else changed


@pytest.mark.parametrize(
    ("link", "rule"),
    [
        (lambda: tamper(add_tablet(), uek_gen=2), "same_generation"),
        (lambda: tamper(add_tablet(), uek_pk=SECOND_KEY.public), "same_generation"),
        (lambda: tamper(add_tablet(), did=ALICE.did), "did_known"),
        (lambda: tamper(add_tablet(), ALICE.keys, ik=ALICE.keys.ik_public), "key_known"),
        (lambda: tamper(add_tablet(), None, ik=None, ek=None), "device_keys"),
        (lambda: tamper(add_tablet(), ek=None), "device_keys"),
        (lambda: tamper(add_tablet(), op=Op.GENESIS, who=ALICE.who), "genesis"),
        (lambda: tamper(add_tablet(), who=Who("99900000099", "A", "B", "C")), "rpps_changed"),
        (lambda: tamper(revoke(ALICE, TABLET.did), None), "did_unknown"),
        (lambda: tamper(revoke(WITH_TABLET, TABLET.did), None, uek_gen=3), "next_generation"),
        (lambda: tamper(revoke(WITH_TABLET, TABLET.did), None, uek_gen=1), "next_generation"),
        (lambda: tamper(revoke(WITH_TABLET, TABLET.did), None, uek_pk=ALICE.chain.uek_pk), "next_generation"),
        (lambda: tamper(revoke(WITH_TABLET, TABLET.did), TABLET_KEYS), "cosigned"),
        (lambda: tamper(revoke(WITH_TABLET, TABLET.did), None, op=Op.UEK), "uek_of_another"),
        (lambda: tamper(add_tablet(), op=Op.RESET, uek_gen=2, uek_pk=SECOND_KEY.public), "who_missing"),
        (
            lambda: tamper(add_tablet(), op=Op.RESET, uek_gen=2, uek_pk=SECOND_KEY.public, who=ALICE.who),
            "vouched",
        ),
    ],
)
def test_what_an_operation_may_not_say(link: Callable[[], Link], rule: str) -> None:
    made = link()
    chain = WITH_TABLET.chain if made.core.seq == 3 else ALICE.chain
    with pytest.raises(LinkNotAllowed) as refused:
        apply_link(chain, made)
    assert refused.value.params["rule"] == rule


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"uek_gen": 2}, "first_generation"),
        ({"proof": ON_PAPER}, "paper"),
        ({"who": None}, "who_missing"),
    ],
)
def test_what_a_genesis_may_not_say(changes: dict[str, object], rule: str) -> None:
    with pytest.raises(LinkNotAllowed) as refused:
        apply_link(None, tamper(ALICE.links[0], ALICE.keys, **changes))
    assert refused.value.params["rule"] == rule


def test_a_genesis_cannot_be_vouched_for() -> None:
    with pytest.raises(LinkNotAllowed) as refused:
        apply_link(None, vouch(ALICE.links[0], ALICE.did, ALICE.keys))
    assert refused.value.params["rule"] == "vouched"


def test_a_genesis_names_no_voucher_and_bears_no_voucher_s_signature() -> None:
    whole = vouch(ALICE.links[0], ALICE.did, ALICE.keys)
    for part in (replace(whole, by=None), replace(whole, by_sig=None)):
        with pytest.raises(LinkNotAllowed) as refused:
            apply_link(None, part)
        assert refused.value.params["rule"] == "vouched"


def test_an_identity_may_change_but_not_its_register_number() -> None:
    renamed = Who(ALICE.who.rpps, "Aubert-Morel", "Camille", "Médecin")
    core = msgspec.structs.replace(add_tablet().core, who=renamed)
    link = cosign(vouch(wrap_core(core), ALICE.did, ALICE.keys), TABLET_KEYS)
    assert apply_link(ALICE.chain, link).who.family == "Aubert-Morel"


def test_an_intern_receives_a_register_number() -> None:
    intern = Who("", "Durand", "Paul", "Interne")
    uid, did = AccountId(b"i" * 16), DeviceId(b"j" * 16)
    genesis = compose_genesis(
        uid=uid, did=did, keys=PHONE_KEYS, user_key=ALICE.user_key, who=intern, proof=BY_CODE, ts_ms=NOW_MS
    )
    chain = apply_link(None, genesis)
    link = compose_uek(chain, user_key=SECOND_KEY, by=did, by_keys=PHONE_KEYS, proof=BY_CODE, ts_ms=NOW_MS)
    core: LinkCore = msgspec.structs.replace(link.core, who=Who("99900000011", "Durand", "Paul", "Médecin"))
    assert apply_link(chain, vouch(wrap_core(core), did, PHONE_KEYS)).who.rpps == "99900000011"


# Looking back


def test_an_earlier_state_can_be_looked_up() -> None:
    person = WITH_TABLET.after(revoke(WITH_TABLET, TABLET.did))
    assert person.chain.at(WITH_TABLET.chain.head) == WITH_TABLET.chain
    assert person.chain.at(person.chain.head) == person.chain
    with pytest.raises(UnknownLinkHead):
        ALICE.chain.at(WITH_TABLET.chain.head)
    with pytest.raises(UnknownLinkHead):
        person.chain.at(b"")


def test_who_could_sign_when() -> None:
    person = WITH_TABLET.after(revoke(WITH_TABLET, TABLET.did))
    first, second, third = ALICE.chain.head, WITH_TABLET.chain.head, person.chain.head
    assert person.chain.signer_at(first, TABLET.did) is None
    assert person.chain.signer_at(second, TABLET.did) is not None
    assert person.chain.signer_at(third, TABLET.did) is None
    # A device linked after a commit may write under it; one revoked before it may not.
    assert person.chain.signer_since(first, TABLET.did) is not None
    assert person.chain.signer_since(third, TABLET.did) is None
    with pytest.raises(UnknownLinkHead):
        ALICE.chain.signer_since(third, ALICE.did)


def test_a_device_linked_after_a_new_user_key_does_not_write_under_the_old_one() -> None:
    renewed = ALICE.after(
        compose_uek(ALICE.chain, user_key=SECOND_KEY, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    )
    person = renewed.after(add_tablet(renewed))
    assert person.chain.signer_since(ALICE.chain.head, TABLET.did) is None
    assert person.chain.signer_since(renewed.chain.head, TABLET.did) is not None


def test_the_recovery_key_is_no_sender() -> None:
    assert WITH_PAPER.chain.signer_at(WITH_PAPER.chain.head, PAPER.did) is None
    assert WITH_PAPER.chain.signer_since(WITH_PAPER.chain.head, PAPER.did) is None
