"""The rules that decide an envelope's place."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from miss.base.errors import NotFound
from miss.base.ids import AccountId, BlobId, ConversationId, DeviceId, MessageId
from miss.chat.conversations.errors import StaleEpoch
from miss.chat.conversations.model import ConversationState
from miss.chat.delivery.errors import MessageConflict
from miss.chat.delivery.model import Deposit, Facts, Placed, Stored, place_all
from miss.chat.devices.errors import DeviceRevoked
from miss.protocol.crypto.receipts import log_next, log_start
from miss.storage.errors import BlobMissing

CID, OTHER_CID = ConversationId(b"c" * 32), ConversationId(b"d" * 32)
ALICE, BOB = AccountId(b"A" * 16), AccountId(b"B" * 16)
PHONE, DESK = DeviceId(b"p" * 16), DeviceId(b"d" * 16)
COMMIT, OLD_COMMIT = b"1" * 32, b"0" * 32
PHOTO = BlobId(b"f" * 16)


def deposit(
    mid: int = 1,
    *,
    uid: AccountId = ALICE,
    did: DeviceId = PHONE,
    cid: ConversationId = CID,
    commit: bytes = COMMIT,
    content: int = 1,
    blobs: tuple[BlobId, ...] = (),
) -> Deposit:
    return Deposit(
        uid, did, cid, MessageId(mid.to_bytes(16, "big")), b"env", content.to_bytes(32, "big"), commit, blobs
    )


def facts(
    *,
    last_seq: int = 0,
    needs_rekey: bool = False,
    stored: Sequence[tuple[Deposit, int]] = (),
    active: frozenset[DeviceId] = frozenset({PHONE, DESK}),
    uploaders: dict[BlobId, AccountId] | None = None,
) -> Facts:
    state = ConversationState(CID, 3, COMMIT, needs_rekey, 2, last_seq, log_start(CID))
    return Facts(
        states={CID: state},
        members={CID: {ALICE, BOB}},
        stored={each.key: Stored(each.cid, seq, each.env_hash, b"l" * 32, 5) for each, seq in stored},
        active=active,
        uploaders=uploaders or {},
        ts_ms=1000,
    )


def test_a_new_envelope_takes_the_next_place_of_the_log() -> None:
    new = deposit()
    [placed] = place_all([new], facts(last_seq=41))
    log = log_next(log_start(CID), new.env_hash, 42)
    assert placed == Placed(new, Stored(CID, 42, new.env_hash, log, 1000), dup=False)


def test_the_same_envelope_again_gets_its_first_place_even_if_the_sender_may_no_longer_write() -> None:
    again = deposit(commit=OLD_COMMIT)
    known = facts(last_seq=9, stored=[(again, 4)], active=frozenset())
    [placed] = place_all([again], known)
    assert isinstance(placed, Placed)
    assert (placed.stored.seq, placed.dup) == (4, True)


def test_another_envelope_under_the_same_identifier_is_told_what_stands_there() -> None:
    first = deposit(content=1)
    [refused] = place_all([deposit(content=2)], facts(last_seq=9, stored=[(first, 4)]))
    assert isinstance(refused, MessageConflict)
    assert (refused.seq, refused.env_hash) == (4, first.env_hash)


def test_the_same_identifier_from_another_device_is_another_message() -> None:
    [placed] = place_all([deposit(did=DESK)], facts(stored=[(deposit(did=PHONE), 1)], last_seq=1))
    assert isinstance(placed, Placed)
    assert not placed.dup


def test_a_repetition_inside_one_batch_is_seen() -> None:
    first, again, other = place_all([deposit(1), deposit(1), deposit(1, content=2)], facts())
    assert isinstance(first, Placed)
    assert isinstance(again, Placed)
    assert (first.stored, first.dup, again.dup) == (again.stored, False, True)
    assert isinstance(other, MessageConflict)


def test_who_may_not_write_is_told_nothing_else() -> None:
    stranger, nowhere = place_all([deposit(uid=AccountId(b"X" * 16)), deposit(cid=OTHER_CID)], facts())
    assert type(stranger) is type(nowhere) is NotFound


def test_a_revoked_device_an_old_epoch_and_a_changed_user_key_are_refused() -> None:
    [revoked] = place_all([deposit()], facts(active=frozenset({DESK})))
    [stale] = place_all([deposit(commit=OLD_COMMIT)], facts())
    [rekey] = place_all([deposit()], facts(needs_rekey=True))
    assert isinstance(revoked, DeviceRevoked)
    assert isinstance(stale, StaleEpoch)
    assert isinstance(rekey, StaleEpoch)
    assert stale.epoch == rekey.epoch == 3


def test_only_the_uploader_attaches_a_blob() -> None:
    [mine] = place_all([deposit(blobs=(PHOTO,))], facts(uploaders={PHOTO: ALICE}))
    [theirs] = place_all([deposit(blobs=(PHOTO,))], facts(uploaders={PHOTO: BOB}))
    [nobodys] = place_all([deposit(blobs=(PHOTO,))], facts())
    assert isinstance(mine, Placed)
    assert isinstance(theirs, BlobMissing)
    assert isinstance(nobodys, BlobMissing)


deposits = st.builds(
    deposit,
    st.integers(1, 4),
    uid=st.sampled_from([ALICE, BOB, AccountId(b"X" * 16)]),
    did=st.sampled_from([PHONE, DESK]),
    cid=st.sampled_from([CID, CID, OTHER_CID]),
    commit=st.sampled_from([COMMIT, COMMIT, OLD_COMMIT]),
    content=st.integers(1, 2),
)


@given(st.lists(deposits, max_size=20), st.integers(0, 3))
def test_places_are_gapless_and_chained_whatever_is_refused(batch: list[Deposit], last_seq: int) -> None:
    outcomes = place_all(batch, facts(last_seq=last_seq))
    assert len(outcomes) == len(batch)
    new = [outcome for outcome in outcomes if isinstance(outcome, Placed) and not outcome.dup]
    assert [placed.stored.seq for placed in new] == list(range(last_seq + 1, last_seq + 1 + len(new)))
    log = log_start(CID)
    for placed in new:
        log = log_next(log, placed.stored.env_hash, placed.stored.seq)
        assert placed.stored.log == log
    assert len({placed.deposit.key for placed in new}) == len(new)
