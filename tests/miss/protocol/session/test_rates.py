import pytest

from miss.protocol.session.limits import Rate
from miss.protocol.session.rates import TokenBucket


def test_a_burst_then_a_steady_rate() -> None:
    bucket = TokenBucket(Rate(burst=3, per_s=0.5), now_s=100)
    assert [bucket.take(100) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(100) == pytest.approx(2)
    assert bucket.take(101) == pytest.approx(1)
    assert bucket.take(102) == 0
    assert bucket.take(102) == pytest.approx(2)


def test_rest_fills_the_bucket_and_no_more() -> None:
    bucket = TokenBucket(Rate(burst=2, per_s=1), now_s=0)
    assert [bucket.take(1000) for _ in range(2)] == [0, 0]
    assert bucket.take(1000) > 0


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(Rate(burst=1, per_s=1), now_s=10)
    assert bucket.take(10) == 0
    assert bucket.take(5) > 0


def test_what_others_have_taken_is_missing_here_too() -> None:
    bucket = TokenBucket(Rate(burst=3, per_s=1), now_s=0)
    bucket.lower(-2, 10)
    assert bucket.take(10) == pytest.approx(3)
    assert bucket.take(13) == 0
    # Nothing is given: who has less keeps less.
    bucket.lower(3, 13)
    assert bucket.take(13) == pytest.approx(1)
