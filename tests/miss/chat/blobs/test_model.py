"""Byte ranges (RFC 9110 §14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.chat.blobs.errors import RangeRefused
from miss.chat.blobs.model import ByteRange, parse_range

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-499", ByteRange(0, 500)),
        ("bytes=500-", ByteRange(500, 1000)),
        ("bytes=999-", ByteRange(999, 1000)),
        ("bytes=990-5000", ByteRange(990, 1000)),
        (" bytes=1-2 ", ByteRange(1, 3)),
    ],
)
def test_a_range_is_its_bytes(header: str, wanted: ByteRange) -> None:
    assert parse_range(header, SIZE) == wanted


@pytest.mark.parametrize("header", [None, "", "bytes=-5", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"])
def test_other_forms_mean_the_whole_file(header: str | None) -> None:
    assert parse_range(header, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=99999999999-"])
def test_a_range_past_the_end_is_refused(header: str) -> None:
    with pytest.raises(RangeRefused):
        parse_range(header, SIZE)


@given(st.text(max_size=30), st.integers(1, 5000))
def test_any_header_gives_bytes_of_the_file_or_nothing(header: str, size_bytes: int) -> None:
    try:
        part = parse_range(header, size_bytes)
    except RangeRefused:
        return
    assert part is None or 0 <= part.start < part.stop <= size_bytes
