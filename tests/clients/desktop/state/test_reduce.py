"""What each fact makes of what is shown."""

from dataclasses import replace

from clients.desktop.state import facts as f
from clients.desktop.state.cases import Case, Cases
from clients.desktop.state.model import Hit, Missed, Settings, State, Waiting
from clients.desktop.state.reduce import reduce
from miss.base.ids import MessageId
from miss.client.events import ConnectionState
from miss.client.model import Presence
from tests.clients.desktop.values import CID, MEMBERS, NOW, OTHER, PAUL, STATE, message, row, thread


def after(*facts: f.Fact, state: State = STATE) -> State:
    for fact in facts:
        state = reduce(state, fact)
    return state


def opened(*messages: object) -> tuple[f.Fact, ...]:
    return f.ConversationChosen(CID), f.ThreadTold(thread(*messages))  # type: ignore[arg-type]


def test_nothing_of_one_account_is_left_for_the_next() -> None:
    state = after(f.RowsTold((row(),)), *opened(message(1)), f.Troubled("…"), f.SearchBegun("secret"))
    assert STATE.me is not None
    assert after(f.AccountOpened(STATE.me, Settings()), state=state) == State(me=STATE.me)
    assert after(f.AccountClosed(), state=state) == State()


def test_a_device_that_is_out_shows_nothing() -> None:
    state = after(f.RowsTold((row(),)), *opened(message(1)), f.DeviceOut(True, "revoke"))
    assert (state.rows, state.thread, state.me, state.out) == ((), None, None, "wiped")


def test_rows_come_and_change() -> None:
    state = after(f.RowsTold((row(),)), f.RowTold(row(OTHER, "Autre")), f.RowTold(row(unread=3)))
    assert [(one.cid, one.unread) for one in state.rows] == [(CID, 3), (OTHER, 0)]


def test_a_thread_that_comes_late_is_not_shown() -> None:
    state = after(f.ConversationChosen(CID), f.ConversationChosen(OTHER), f.ThreadTold(thread(message(1))))
    assert state.thread is None


def test_messages_keep_the_order_of_the_log_and_are_told_twice_without_harm() -> None:
    state = after(
        *opened(message(2)), f.MessagesTold(CID, (message(3), message(1))), f.MessagesTold(CID, (message(3),))
    )
    assert state.thread is not None
    assert [one.seq for one in state.thread.messages] == [1, 2, 3]


def test_what_is_older_than_what_is_shown_waits_until_it_is_read() -> None:
    state = after(*opened(message(5)))
    assert state.thread is not None
    state = replace(state, thread=replace(state.thread, has_older=True))
    state = after(f.MessagesTold(CID, (message(2), message(6))), state=state)
    assert state.thread is not None
    assert [one.seq for one in state.thread.messages] == [5, 6]
    state = after(f.OlderTold(CID, (message(2), message(4)), False), state=state)
    assert state.thread is not None
    assert [one.seq for one in state.thread.messages] == [2, 4, 5, 6]
    assert not state.thread.has_older


def test_facts_about_another_conversation_leave_the_open_one() -> None:
    state = after(*opened(message(1)))
    for fact in (
        f.MessagesTold(OTHER, (message(9),)),
        f.WaitingTold(OTHER, ()),
        f.MarkersTold(OTHER, ((PAUL, 1),), ()),
        f.TypingTold(OTHER, PAUL, True),
        f.MessagesGone(OTHER, (1,)),
    ):
        assert after(fact, state=state) is state


def test_messages_that_expired_are_gone() -> None:
    state = after(*opened(message(1), message(2)), f.MessagesGone(CID, (1,)))
    assert state.thread is not None
    assert [one.seq for one in state.thread.messages] == [2]


def test_an_upload_keeps_its_progress_when_the_outbox_is_told_again() -> None:
    mid = MessageId(b"m" * 16)
    waiting = f.WaitingTold(CID, (Waiting(mid, "Photo", "text"),))
    state = after(*opened(), waiting, f.UploadTold(CID, mid, 40, 100), waiting)
    assert state.thread is not None
    assert (state.thread.waiting[0].sent_bytes, state.thread.waiting[0].size_bytes) == (40, 100)


def test_a_download_is_shown_until_it_is_whole() -> None:
    state = after(*opened(message(1)), f.DownloadTold(CID, 1, 10, 100))
    assert state.thread is not None
    assert state.thread.downloads == ((1, 10, 100),)
    state = after(f.DownloadTold(CID, 1, 100, 100), state=state)
    assert state.thread is not None
    assert state.thread.downloads == ()


def test_somebody_writes_until_they_have_written() -> None:
    state = after(*opened(), f.TypingTold(CID, PAUL, True))
    assert state.thread is not None
    assert state.thread.typing == {PAUL}
    state = after(f.MessagesTold(CID, (message(1),)), state=state)
    assert state.thread is not None
    assert state.thread.typing == set()


def test_answering_and_changing_exclude_each_other() -> None:
    state = after(*opened(message(1)), f.ReplyChosen(CID, 1), f.EditChosen(CID, 1))
    assert state.thread is not None
    assert (state.thread.replying_to, state.thread.editing) == (None, 1)


def test_members_are_told_without_the_messages() -> None:
    state = after(*opened(message(1)), f.MembersTold(thread(title="Talon", members=MEMBERS[:2])))
    assert state.thread is not None
    assert (state.thread.title, len(state.thread.members), len(state.thread.messages)) == ("Talon", 2, 1)


def test_a_search_that_was_overtaken_says_nothing() -> None:
    hit = Hit(CID, 1, "Talon", "Paul EXEMPLE", "les os", NOW)
    state = after(f.SearchBegun("les"), f.SearchBegun("lesion"), f.FoundTold("les", (hit,)))
    assert (state.query, state.hits) == ("lesion", ())
    assert after(f.FoundTold("lesion", (hit,)), state=state).hits == (hit,)


def test_the_rest_is_kept() -> None:
    missed = (Missed(CID, "Talon", 3, 0, 0, False),)
    cases = Cases(to_answer=(Case("TE26000001", "Dermatologie", "assigned", "À accepter"),), is_read=True)
    state = after(
        f.ConnectionTold(ConnectionState.WAITING, "timeout"),
        f.CaughtUp(missed),
        f.CaughtUp(()),
        f.PresenceTold(PAUL, Presence.AWAY),
        f.PresenceTold(PAUL, Presence.ON_DUTY),
        f.CasesTold(cases),
        f.UnreadOnly(True),
        f.ListSearched("tal"),
    )
    assert state.connection is ConnectionState.WAITING
    assert state.missed == missed, "a second connection does not hide what nobody has looked at"
    assert state.presence == ((PAUL, Presence.ON_DUTY),)
    assert (state.cases, state.only_unread, state.list_text) == (cases, True, "tal")
    assert after(f.MissedSeen(), state=state).missed == ()
    assert after(f.Troubled("Non."), f.TroubleSeen(), state=state).trouble == ""


def test_a_conversation_in_its_own_window_leaves_the_main_one() -> None:
    state = after(*opened(message(1)), f.WindowOpened(CID), f.WindowOpened(CID), f.ThreadTold(thread(message(1))))
    assert (state.chosen, state.thread, state.windows) == (None, None, (CID,))
    state = after(f.ConversationChosen(OTHER), f.ThreadTold(replace(thread(message(1)), cid=OTHER)), state=state)
    state = after(
        f.MessagesTold(CID, (message(2),)), f.ReplyChosen(CID, 2), f.TypingTold(OTHER, PAUL, True), state=state
    )
    here, apart = state.thread, state.thread_of(CID)
    assert here is not None
    assert apart is not None
    assert (len(here.messages), here.replying_to, here.typing) == (1, None, frozenset({PAUL}))
    assert (len(apart.messages), apart.replying_to, apart.typing) == (2, 2, frozenset())
    assert after(f.ReplyChosen(b"n" * 32, 1), state=state) is state  # type: ignore[arg-type]
    closed = after(f.WindowClosed(CID), state=state)
    assert (closed.windows, closed.apart, closed.thread) == ((), (), here)
    assert after(f.AccountClosed(), state=state).windows == ()


def test_what_stands_in_between_is_kept_while_it_is_tried_again() -> None:
    state = after(f.ConnectionTold(ConnectionState.WAITING, "server_not_trusted", "Ouverte en chemin."))
    state = after(f.ConnectionTold(ConnectionState.CONNECTING), state=state)
    assert state.obstacle == "Ouverte en chemin."
    assert after(f.ConnectionTold(ConnectionState.OPEN), state=state).obstacle == ""
