"""Nobody holds more lines than their share."""

from hypothesis import given, settings
from hypothesis import strategies as st

from miss.mail.inbound.door.lines import Lines


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["@x", "@y", ""])), max_size=30))
def test_nobody_holds_more_than_their_share_and_all_is_given_back(callers: list[tuple[str, str]]) -> None:
    lines = Lines(2, 4)
    held: list[tuple[str, ...]] = []
    for caller in callers:
        taken = lines.take(caller)
        others = [one for one in held if set(one) & {name for name in caller if name}]
        if taken is None:
            shares = [sum(name in one for one in held) for name in caller if name]
            assert len(held) == 4 or max(shares) == 2
        else:
            held.append(taken)
            assert len(others) < 4
    assert lines.busy == len(held) <= 4
    for taken in held:
        lines.give_back(taken)
    assert lines.busy == 0
    assert lines.take(("a", "@x")) == ("@x", "a")
