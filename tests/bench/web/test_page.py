"""The table of the web client's figures."""

from bench.web.page import Figure, compose_table


def test_a_goal_is_a_ceiling_a_floor_or_none() -> None:
    figures = [
        Figure("weight", 349.4, "kB", 350),
        Figure("scrolling", 60, "frames/s", 60, is_least=True),
        Figure("pause", 63.2, "ms"),
    ]
    assert compose_table(figures).splitlines()[2:] == [
        "| weight | 349 kB | ≤ 350 kB |",
        "| scrolling | 60 frames/s | ≥ 60 frames/s |",
        "| pause | 63 ms | – |",
    ]
