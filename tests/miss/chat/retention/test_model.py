"""How long a conversation keeps what, and when it is looked at again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import from_ms, to_ms
from miss.chat.retention.model import LOOK_AGAIN, Living, life_of, next_look
from miss.protocol.crypto.commits import Policy

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
YEARS = timedelta(days=730)


def test_the_policy_decides_and_the_server_where_it_says_nothing() -> None:
    assert life_of(Policy(ttl_s=60), YEARS) == timedelta(minutes=1)
    assert life_of(Policy(), YEARS) == YEARS
    # The longest time the protocol can say stays within what a date can say.
    assert NOW - life_of(Policy(ttl_s=2**53 - 1), YEARS) < NOW


@given(
    oldest=st.none() | st.integers(0, 10**9).map(lambda age_s: to_ms(NOW - timedelta(seconds=age_s))),
    life_s=st.integers(1, 10**9),
)
def test_nothing_can_expire_unseen(oldest: int | None, life_s: int) -> None:
    life = timedelta(seconds=life_s)
    look_at = next_look(None if oldest is None else Living(1, oldest), life, NOW)
    first = NOW if oldest is None else from_ms(oldest)
    assert NOW <= look_at <= max(NOW, first + life)
    assert look_at <= NOW + LOOK_AGAIN
