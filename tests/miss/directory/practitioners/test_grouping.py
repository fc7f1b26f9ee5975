"""Rows of one person come together wherever they stand, with bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from miss.directory.practitioners.extraction import Row
from miss.directory.practitioners.grouping import grouped


@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b", "é", "\x1f", '"\\']), st.text())),
    st.integers(min_value=1, max_value=4),
)
def test_groups_equal_those_of_a_sort_in_memory(fields: list[tuple[str, str]], rows_in_memory: int) -> None:
    rows: list[Row] = [(number, {"id": key, "x": text}) for number, (key, text) in enumerate(fields)]
    expected = {key: [row for row in rows if row[1]["id"] == key] for key in sorted({key for key, _ in fields})}
    found = {key: list(members) for key, members in grouped(iter(rows), "id", rows_in_memory=rows_in_memory)}
    assert found == expected
    assert list(found) == list(expected)


def test_a_value_comes_once_though_its_rows_lie_in_different_runs() -> None:
    rows: list[Row] = [(number, {"id": key}) for number, key in enumerate("abababcab")]
    assert [key for key, _ in grouped(rows, "id", rows_in_memory=2)] == ["a", "b", "c"]
