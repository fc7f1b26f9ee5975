"""Rotation: a new user key reaches every device that stays, the recovery key included."""

from dataclasses import replace

import pytest

from miss.protocol.crypto.chains import apply_link
from miss.protocol.crypto.changes import compose_add, compose_recover, compose_revoke, compose_uek, seal_user_key_for
from miss.protocol.crypto.keys import DeviceKeys, UserKey, open_user_key
from miss.protocol.crypto.links import DevicePublic, cosign
from miss.protocol.crypto.recovery import recovery_device_keys, recovery_did
from miss.protocol.errors import BadSealed, LinkForged, LinkNotAllowed, WrongUserKey
from tests.miss.protocol.people import ALICE, BY_CODE, BY_DEVICE, NOW_MS, ON_PAPER, Person, new_device

SECOND = UserKey(2, b"\x02" * 32)
TABLET, TABLET_KEYS = new_device(0x50)


def paper_of(rk: bytes) -> tuple[DevicePublic, DeviceKeys]:
    keys = recovery_device_keys(rk)
    return DevicePublic(recovery_did(rk), keys.ik_public, keys.ek_public), keys


PAPER, PAPER_KEYS = paper_of(b"\x70" * 32)


def with_device(person: Person, device: DevicePublic, keys: DeviceKeys, paper: bool = False) -> Person:
    link = compose_add(
        person.chain,
        device=device,
        by=ALICE.did,
        by_keys=ALICE.keys,
        proof=ON_PAPER if paper else BY_DEVICE,
        ts_ms=NOW_MS,
    )
    return person.after(cosign(link, keys))


EQUIPPED = with_device(with_device(ALICE, TABLET, TABLET_KEYS), PAPER, PAPER_KEYS, paper=True)


def without(person: Person, device: DevicePublic, user_key: UserKey) -> Person:
    return person.after(
        compose_revoke(
            person.chain,
            did=device.did,
            user_key=user_key,
            by=ALICE.did,
            by_keys=ALICE.keys,
            proof=BY_DEVICE,
            ts_ms=NOW_MS,
        )
    )


def test_a_new_user_key_reaches_every_active_device() -> None:
    link = compose_uek(EQUIPPED.chain, user_key=SECOND, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    after = apply_link(EQUIPPED.chain, link)
    boxes = seal_user_key_for(after, SECOND)
    assert [did for did, _ in boxes] == sorted([ALICE.did, TABLET.did, PAPER.did])
    keys = {ALICE.did: ALICE.keys, TABLET.did: TABLET_KEYS, PAPER.did: PAPER_KEYS}
    for did, sealed in boxes:
        assert open_user_key(sealed, ALICE.uid, did, 2, keys[did]).public == after.uek_pk
        with pytest.raises(BadSealed):
            open_user_key(sealed, ALICE.uid, did, 1, keys[did])


def test_a_revoked_device_gets_nothing() -> None:
    after = without(EQUIPPED, TABLET, SECOND).chain
    boxes = seal_user_key_for(after, SECOND)
    assert [did for did, _ in boxes] == sorted([ALICE.did, PAPER.did])
    for did, sealed in boxes:
        with pytest.raises(BadSealed):
            open_user_key(sealed, ALICE.uid, did, 2, TABLET_KEYS)


@pytest.mark.parametrize("user_key", [UserKey(1, b"\x02" * 32), UserKey(2, ALICE.user_key.secret), SECOND])
def test_only_the_key_of_the_chain_is_sealed(user_key: UserKey) -> None:
    with pytest.raises(WrongUserKey) as caught:
        seal_user_key_for(EQUIPPED.chain, user_key)
    assert caught.value.params == {"wanted": 1, "given": user_key.generation}


def test_a_recovery_key_is_replaced_by_revoking_it_first() -> None:
    paper, paper_keys = paper_of(b"\x71" * 32)
    with pytest.raises(LinkNotAllowed) as caught:
        with_device(EQUIPPED, paper, paper_keys, paper=True)
    assert caught.value.params["rule"] == "paper"
    replaced = with_device(without(EQUIPPED, PAPER, SECOND), paper, paper_keys, paper=True)
    assert [did for did, device in replaced.chain.devices.items() if device.paper] == [paper.did]
    phone, phone_keys = new_device(0x60)
    for did, keys, works in ((paper.did, paper_keys, True), (PAPER.did, PAPER_KEYS, False)):
        link = compose_recover(replaced.chain, device=phone, paper=did, paper_keys=keys, proof=BY_CODE, ts_ms=NOW_MS)
        if works:
            assert phone.did in replaced.after(cosign(link, phone_keys)).chain.devices
        else:
            with pytest.raises(LinkForged):
                replaced.after(cosign(link, phone_keys))
    with pytest.raises(LinkNotAllowed):
        with_device(replace(replaced, chain=without(replaced, paper, UserKey(3, b"3" * 32)).chain), PAPER, PAPER_KEYS)
