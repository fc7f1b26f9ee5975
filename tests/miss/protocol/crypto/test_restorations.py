"""Statements of restores: ROOT's, linked, none altered, none left out, none of tomorrow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from miss.protocol.crypto.restorations import (
    FUTURE_TOLERANCE_MS,
    Restoration,
    compose_restoration,
    parse_restoration,
    verify_restorations,
)
from miss.protocol.errors import BadRestoration, ProtocolError, RestorationForged, RestorationOutOfOrder
from tests.miss.protocol.people import NOW_MS, OPERATOR


def chain(*restored_to: int) -> list[Restoration]:
    """One statement for each of these times, signed a second apart."""
    made: list[Restoration] = []
    for number, to_ms in enumerate(restored_to):
        last = made[-1] if made else None
        made.append(
            compose_restoration(OPERATOR.root, previous=last, restored_to_ms=to_ms, ts_ms=NOW_MS + 1000 * number)
        )
    return made


def raws(statements: list[Restoration]) -> list[bytes]:
    return [one.raw for one in statements]


def test_a_list_is_verified_whole_or_from_where_it_is_known() -> None:
    made = chain(NOW_MS - 5, NOW_MS - 9, NOW_MS)
    now_ms = NOW_MS + 5000
    assert verify_restorations(raws(made), OPERATOR.root_public, now_ms) == made
    assert verify_restorations(raws(made[1:]), OPERATOR.root_public, now_ms, made[0]) == made[1:]
    assert verify_restorations([], OPERATOR.root_public, now_ms) == []
    assert [one.epoch for one in made] == [1, 2, 3]
    assert made[1].prev == made[0].hash


@pytest.mark.parametrize("kept", [[1], [0, 2], [1, 0], [0, 0], [0, 1, 1]])
def test_none_is_left_out_or_told_twice(kept: list[int]) -> None:
    made = chain(1, 2, 3)
    with pytest.raises(RestorationOutOfOrder):
        verify_restorations([made[place].raw for place in kept], OPERATOR.root_public, NOW_MS + 5000)


def test_only_root_signs() -> None:
    for key in (OPERATOR.op, OPERATOR.rc, SigningKey(b"Z" * 32)):
        made = compose_restoration(key, previous=None, restored_to_ms=1, ts_ms=NOW_MS)
        with pytest.raises(RestorationForged):
            verify_restorations([made.raw], OPERATOR.root_public, NOW_MS)


def test_dates() -> None:
    [late] = chain(NOW_MS)
    assert verify_restorations([late.raw], OPERATOR.root_public, NOW_MS - FUTURE_TOLERANCE_MS)
    with pytest.raises(RestorationOutOfOrder, match="future"):
        verify_restorations([late.raw], OPERATOR.root_public, NOW_MS - FUTURE_TOLERANCE_MS - 1)
    with pytest.raises(RestorationOutOfOrder, match="dates"):
        compose_restoration(OPERATOR.root, previous=None, restored_to_ms=NOW_MS + 1, ts_ms=NOW_MS)
    with pytest.raises(RestorationOutOfOrder, match="dates"):
        compose_restoration(OPERATOR.root, previous=late, restored_to_ms=1, ts_ms=NOW_MS - 1)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    [made] = chain(NOW_MS - 7)
    place %= len(made.raw)
    altered = made.raw[:place] + bytes([made.raw[place] ^ by]) + made.raw[place + 1 :]
    with pytest.raises(ProtocolError):
        verify_restorations([altered], OPERATOR.root_public, NOW_MS)


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_anything_else_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_restoration(data)


def test_a_previous_hash_is_a_hash_or_nothing() -> None:
    made = Restoration(2, b"short", 1, NOW_MS, b"", b"x" * 5)
    with pytest.raises(BadRestoration, match="previous"):
        compose_restoration(OPERATOR.root, previous=made, restored_to_ms=1, ts_ms=NOW_MS)
