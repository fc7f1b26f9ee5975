"""Numbers that are remembered by the million, in little memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from miss.directory.register.numbers import CloseNumbers
from tests.miss.directory.synthetic import rpps_of

MANY = 20_000


@given(st.lists(st.integers(min_value=0, max_value=10**12) | st.integers(min_value=0, max_value=3_000)))
def test_a_number_is_new_once(numbers: list[int]) -> None:
    known, told = set[int](), CloseNumbers()
    for number in numbers:
        assert told.add(number) is (number not in known)
        known.add(number)


def test_the_numbers_of_a_register_take_a_few_bytes_each() -> None:
    numbers = [int(f"8{rpps_of(number)}") for number in range(MANY)]
    tracemalloc.start()
    told = CloseNumbers()
    assert all(map(told.add, numbers))
    size_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size_bytes < 10 * MANY
