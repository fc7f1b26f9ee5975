from miss.protocol.session.heart import Heart
from miss.protocol.session.limits import SessionLimits


def test_pings_come_at_their_interval() -> None:
    heart = Heart(SessionLimits(ping_every_s=25, dead_after_s=60), now_s=0)
    assert not heart.take_ping(24.9)
    assert heart.take_ping(25)
    assert not heart.take_ping(49)
    assert heart.take_ping(50)


def test_silence_kills_and_any_frame_keeps_alive() -> None:
    heart = Heart(SessionLimits(ping_every_s=25, dead_after_s=60), now_s=0)
    assert not heart.is_dead(59.9)
    assert heart.is_dead(60)
    heart.heard(59)
    assert not heart.is_dead(118)
    assert heart.is_dead(119)


def test_it_says_when_to_look_again() -> None:
    heart = Heart(SessionLimits(ping_every_s=25, dead_after_s=60), now_s=0)
    assert heart.due_at_s(pings=True) == 25
    assert heart.due_at_s(pings=False) == 60
    heart.take_ping(50)
    assert heart.due_at_s(pings=True) == 60
