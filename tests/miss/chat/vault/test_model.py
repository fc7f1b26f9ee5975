"""What a change of user key must bring along."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import ConversationId, DeviceId
from miss.chat.vault.errors import BoxesIncomplete, BoxSizeRefused, VaultEntryRefused, VaultIncomplete
from miss.chat.vault.model import (
    MAX_MISSING,
    USER_KEY_BOX_BYTES,
    Entry,
    Held,
    count_history,
    find_missing,
    require_boxes,
    require_complete,
)
from miss.protocol.crypto.commits import pack_history
from miss.protocol.crypto.keys import SEAL_OVERHEAD_BYTES
from miss.protocol.crypto.vault import VAULT_ENTRY_BYTES

A, B = ConversationId(b"a" * 32), ConversationId(b"b" * 32)
ONE, TWO = DeviceId(b"1" * 16), DeviceId(b"2" * 16)
BOX, SEALED = bytes(USER_KEY_BOX_BYTES), bytes(VAULT_ENTRY_BYTES)


def history_bytes(epochs: set[int]) -> int:
    """The length of a box that holds the secrets of these epochs."""
    return SEAL_OVERHEAD_BYTES + len(pack_history(dict.fromkeys(epochs, bytes(32))))


def test_each_active_device_gets_the_key_once_and_nobody_else() -> None:
    require_boxes({ONE, TWO}, [(TWO, BOX), (ONE, BOX)])
    with pytest.raises(BoxesIncomplete) as missing:
        require_boxes({ONE, TWO}, [(ONE, BOX)])
    assert missing.value.params["missing"] == [TWO.hex()]
    with pytest.raises(BoxesIncomplete) as surplus:
        require_boxes({ONE}, [(ONE, BOX), (TWO, BOX)])
    assert surplus.value.params["surplus"] == [TWO.hex()]
    with pytest.raises(BoxesIncomplete):
        require_boxes({ONE}, [(ONE, BOX), (ONE, BOX)])
    with pytest.raises(BoxSizeRefused):
        require_boxes({ONE}, [(ONE, BOX[:-1])])


def test_what_is_held_is_brought_along() -> None:
    held = [Held(A, 1), Held(A, 2), Held(B, 7)]
    assert find_missing(held, {(A, 1), (A, 2), (B, 7), (B, 8)}) == []
    assert find_missing(held, {(A, 2)}) == [(A, 1), (B, 7)]
    with pytest.raises(VaultIncomplete) as refused:
        require_complete(held, [Entry(A, 2, SEALED), Entry(B, 7, b"")])
    assert refused.value.params == {"missing": [[A.hex(), 1]], "count": 1}
    assert "1 clés" in refused.value.sentence()


def test_a_refusal_names_a_thousand() -> None:
    with pytest.raises(VaultIncomplete) as refused:
        require_complete([Held(A, epoch) for epoch in range(1, 2002)], [])
    assert refused.value.params["count"] == 2001
    assert len(refused.value.params["missing"]) == MAX_MISSING  # type: ignore[arg-type]


@pytest.mark.parametrize("sealed", [SEALED[:-1], SEALED + b"\0", b"\0"])
def test_an_entry_has_one_size_or_is_empty(sealed: bytes) -> None:
    with pytest.raises(VaultEntryRefused):
        require_complete([Held(A, 1)], [Entry(A, 1, sealed)])
    require_complete([Held(A, 1)], [Entry(A, 1, b"")])
    with pytest.raises(VaultEntryRefused):
        require_complete([Held(A, 1)], [Entry(A, 1, SEALED), Entry(A, 1, SEALED)])


def test_the_history_that_came_with_a_box_is_brought_along_too() -> None:
    held = [Held(A, 5, history_bytes({2, 3, 4}))]
    assert find_missing(held, {(A, 5), (A, 4), (A, 3), (A, 2)}) == []
    # Which two of the four are missing is sealed: all that are not given are named.
    assert find_missing(held, {(A, 5), (A, 4), (B, 1), (B, 2)}) == [(A, 1), (A, 2), (A, 3)]


epochs = st.sets(st.integers(1, 400), max_size=60)


@given(epochs)
def test_a_history_boxs_length_never_says_more_than_it_holds(held: set[int]) -> None:
    epoch = max(held, default=0) + 1
    counted = count_history(history_bytes(held), epoch)
    assert counted <= len(held)
    if epoch <= 128:
        assert counted == len(held)


@given(st.integers(0, 300_000), st.integers(1, 1000))
def test_a_box_of_rubbish_asks_for_no_more_than_there_can_be(size_bytes: int, epoch: int) -> None:
    assert 0 <= count_history(size_bytes, epoch) < epoch


@given(epochs, epochs, epochs)
def test_nothing_is_missing_when_all_is_given_and_something_when_one_is_not(
    boxes: set[int], vault: set[int], earlier: set[int]
) -> None:
    late = max(chain(boxes, vault, earlier), default=0) + 1
    held = [Held(A, epoch) for epoch in boxes | vault] + [Held(A, late, history_bytes(earlier))]
    opened = {(A, epoch) for epoch in boxes | vault | earlier | {late}}
    assert find_missing(held, opened) == []
    for place in {(A, epoch) for epoch in boxes | vault | {late}}:
        assert place in find_missing(held, opened - {place})
