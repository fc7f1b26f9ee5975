"""Whatever waits is served together, and nobody is forgotten."""

from itertools import accumulate
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.capacity.flusher import at_random, evenly, serve
from miss.chat.delivery.service import MAX_BATCH

GAPS = st.lists(st.floats(0, 0.01), min_size=1, max_size=300)


@settings(deadline=None)
@given(GAPS, st.floats(1e-5, 1e-2), st.floats(0, 1e-3))
def test_every_message_is_served_once_and_waits_its_batch_at_least(
    gaps: list[float], flush_s: float, each_s: float
) -> None:
    served = serve(accumulate(gaps), lambda batch: flush_s + batch * each_s)
    assert served.messages == len(gaps) == len(served.times_s)
    assert served.times_s[0] >= flush_s + each_s - 1e-9
    assert served.busy_s == pytest.approx(served.flushes * flush_s + len(gaps) * each_s)


def test_a_message_alone_takes_its_own_flush() -> None:
    served = serve(evenly(10, 50), lambda batch: 0.004)
    assert served.flushes == 50
    assert served.ms(50) == pytest.approx(4)
    assert served.utilisation == pytest.approx(0.04, rel=0.05)


def test_under_load_batches_grow_instead_of_the_wait() -> None:
    # One flush takes 5 ms, so 600 messages a second wait three by three, and none longer than two flushes.
    served = serve(evenly(600, 5_000), lambda batch: 0.005)
    assert served.batch == pytest.approx(3, rel=0.05)
    assert served.ms(100) <= 10.01


def test_while_many_come_a_flush_waits_for_company() -> None:
    # One flush takes 4 ms and waits 2 ms before it: 1,000 messages a second go six by six.
    served = serve(evenly(1_000, 5_000), lambda batch: 0.004)
    assert served.batch == pytest.approx(6, rel=0.05)
    assert served.ms(100) <= 10.01


def test_a_batch_is_bounded() -> None:
    sizes: list[int] = []

    def service(batch: int) -> float:
        sizes.append(batch)
        return 1.0

    serve([0.0] * (2 * MAX_BATCH + 1), service)
    assert sizes == [MAX_BATCH, MAX_BATCH, 1]


def test_what_comes_during_a_flush_waits_for_the_next() -> None:
    assert serve([0.0, 0.5], lambda batch: 1.0).times_s == (1.0, 1.5)


def test_random_arrivals_keep_their_rate() -> None:
    times = list(at_random(200, 20_000, Random(1)))
    assert times == sorted(times)
    assert len(times) / times[-1] == pytest.approx(200, rel=0.03)
