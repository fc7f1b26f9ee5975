"""The device's own row: kept before it is linked, never replaced once it is."""

from dataclasses import replace
from pathlib import Path

import pytest

from miss.client.errors import StoreHasDevice, StoreHasNoDevice
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.keys import UserKey
from tests.miss.client.devices import KEY, SERVER
from tests.miss.protocol.people import ALICE, OPERATOR, Stream

RECORD = DeviceRecord(ALICE.uid, ALICE.did, ALICE.keys, SERVER, OPERATOR.root_public, b"link")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_device_survives_a_restart_before_and_after_it_is_linked(path: Path) -> None:
    store = Store(path, KEY, Stream("s"))
    store.device.keep(RECORD, ALICE.user_key)
    store.close()

    store = Store(path, KEY, Stream("t"))
    found = store.device.find()
    assert found is not None
    assert not found.is_linked
    assert (found.uid, found.did, found.link) == (ALICE.uid, ALICE.did, b"link")
    assert found.keys.to_secret() == ALICE.keys.to_secret()
    with pytest.raises(StoreHasNoDevice):
        store.device.get()

    store.device.mark_linked()
    assert store.device.get().is_linked
    store.close()


def test_a_store_has_one_device(path: Path) -> None:
    store = Store(path, KEY, Stream("s"))
    store.device.keep(RECORD, ALICE.user_key)

    with pytest.raises(StoreHasDevice):
        store.device.keep(replace(RECORD, link=b"other"), ALICE.user_key)
    store.close()


def test_only_an_unlinked_device_is_forgotten(path: Path) -> None:
    store = Store(path, KEY, Stream("s"))
    store.device.keep(RECORD, ALICE.user_key)
    store.device.forget_unlinked()
    assert store.device.find() is None
    assert store.device.find_user_key(1) is None

    store.device.keep(RECORD, ALICE.user_key)
    store.device.mark_linked()
    store.device.forget_unlinked()
    assert store.device.get().uid == ALICE.uid
    store.close()


def test_user_keys_by_generation(path: Path) -> None:
    store = Store(path, KEY, Stream("s"))
    store.device.put_user_key(UserKey(1, b"1" * 32))
    store.device.put_user_key(UserKey(2, b"2" * 32))

    first, second = store.device.find_user_key(1), store.device.find_user_key(2)
    assert first is not None
    assert second is not None
    assert (first.secret, second.secret) == (b"1" * 32, b"2" * 32)
    assert store.device.find_user_key(3) is None
    store.close()


def test_certificates_add_up(path: Path) -> None:
    store = Store(path, KEY, Stream("s"))
    store.device.add_opcerts([b"a", b"b"])
    store.device.add_opcerts([b"b", b"c"])

    assert store.device.opcerts() == (b"a", b"b", b"c")
    store.close()


def test_where_to_resume(path: Path) -> None:
    store = Store(path, KEY, Stream("s"))
    assert store.device.resume() is None

    store.device.set_resume(1_790_000_000_000)

    assert store.device.resume() == 1_790_000_000_000
    store.close()


def test_secrets_stay_out_of_repr() -> None:
    assert "keys" not in repr(RECORD)


def test_what_came_with_an_unlinked_device_goes_with_it(path: Path) -> None:
    with Store(path, KEY, Stream("s")) as store:
        store.device.keep(RECORD, ALICE.user_key)
        store.device.add_opcerts([b"of another operator"])
        store.people.append(ALICE.uid, 1, [b"first"])
        store.device.forget_unlinked()

        assert store.device.opcerts() == ()
        assert store.people.links(ALICE.uid) == []


def test_only_the_latest_user_key_is_held(path: Path) -> None:
    with Store(path, KEY, Stream("s")) as store:
        with pytest.raises(StoreHasNoDevice):
            store.device.last_user_key()
        store.device.put_user_key(UserKey(1, b"1" * 32))
        store.device.replace_user_key(UserKey(3, b"3" * 32))

        assert store.device.last_user_key().secret == b"3" * 32
        assert store.device.find_user_key(1) is None
        store.device.replace_user_key(UserKey(2, b"2" * 32))
        assert store.device.last_user_key().generation == 3


def test_a_lock_and_a_pairing_survive_a_restart(path: Path) -> None:
    with Store(path, KEY, Stream("s")) as store:
        assert store.device.locked() == ""
        assert store.device.pending_pairing() is None
        store.device.lock("server")
        store.device.keep_pairing(b"under way")
    with Store(path, KEY, Stream("t")) as store:
        assert store.device.locked() == "server"
        assert store.device.pending_pairing() == b"under way"
        store.device.unlock()
        store.device.forget_pairing()
        assert store.device.locked() == ""
        assert store.device.pending_pairing() is None
