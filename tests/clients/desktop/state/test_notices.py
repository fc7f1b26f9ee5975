"""What a notification may say."""

from clients.desktop.state.facts import Arrived
from clients.desktop.state.model import NoticeLevel, Settings, told_presence
from clients.desktop.state.notices import notice_of
from miss.client.model import Presence
from tests.clients.desktop.values import alarm, message, row

CAME = Arrived(row(title="Plaie du talon"), message(1, text="Mme T. va mieux"), "Paul EXEMPLE")


def test_by_default_it_says_nothing() -> None:
    notice = notice_of(CAME, NoticeLevel.NOTHING, is_watched=False)
    assert notice is not None
    for word in ("Paul", "EXEMPLE", "talon", "Mme"):
        assert word not in notice.title + notice.body


def test_each_level_says_more() -> None:
    name = notice_of(CAME, NoticeLevel.NAME, is_watched=False)
    whole = notice_of(CAME, NoticeLevel.NAME_AND_TEXT, is_watched=False)
    assert name is not None
    assert whole is not None
    assert name.body == "Paul EXEMPLE · Plaie du talon"
    assert whole.body.endswith("Mme T. va mieux")


def test_who_looks_is_told_nothing() -> None:
    assert notice_of(CAME, NoticeLevel.NAME_AND_TEXT, is_watched=True) is None


def test_a_muted_conversation_is_silent_but_for_alarms() -> None:
    assert notice_of(Arrived(row(muted=True), message(1), "Paul"), NoticeLevel.NAME, is_watched=False) is None
    rung = notice_of(Arrived(row(muted=True), alarm(1), "Paul"), NoticeLevel.NOTHING, is_watched=False)
    assert rung is not None
    assert rung.is_urgent


def test_who_does_not_want_to_be_disturbed_hears_urgent_things_only() -> None:
    assert notice_of(CAME, NoticeLevel.NAME, is_watched=False, is_quiet=True) is None
    urgent = Arrived(row(), message(1, urgent=True), "Paul")
    assert notice_of(urgent, NoticeLevel.NAME, is_watched=False, is_quiet=True) is not None


def test_a_locked_screen_is_away_but_not_off_duty() -> None:
    told = {one: told_presence(Settings(presence=one), is_covered=True) for one in Presence}
    assert told == {one: Presence.AWAY if one is Presence.PRESENT else one for one in Presence}
    assert told_presence(Settings(), is_covered=False) is Presence.PRESENT
