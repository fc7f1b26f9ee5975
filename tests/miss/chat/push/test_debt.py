from miss.base.ids import ConversationId
from miss.chat.push.debt import Debt

CID, OTHER = ConversationId(b"c" * 32), ConversationId(b"o" * 32)


def test_whoever_acknowledges_in_time_owes_nothing() -> None:
    debt = Debt(20)
    debt.owe(CID, 3)
    assert not debt.falls_due(5)
    assert debt.is_owed
    assert not debt.settle(CID, 3)
    assert not debt.is_owed
    assert not debt.falls_due(100)


def test_what_was_sent_while_an_acknowledgement_travelled_stays_owed() -> None:
    debt = Debt(20)
    for seq in (3, 4):
        debt.owe(CID, seq)
    debt.owe(OTHER, 1)
    assert not debt.falls_due(5)
    assert not debt.settle(CID, 3)
    assert debt.is_owed
    # The client is there: its time begins anew.
    assert [debt.falls_due(now_s) for now_s in (20, 26, 40)] == [False, False, True]
    debt.owe(CID, 5)
    assert debt.settle(CID, 5)
    assert not debt.is_owed


def test_each_conversation_is_owed_by_itself_and_an_acknowledgement_may_run_ahead() -> None:
    debt = Debt(20)
    debt.owe(CID, 3)
    debt.owe(OTHER, 7)
    assert not debt.settle(OTHER, 9)
    assert debt.is_owed
    assert not debt.settle(CID, 4)
    assert not debt.is_owed


def test_silence_is_told_once_and_an_answer_after_it_is_told_too() -> None:
    debt = Debt(20)
    debt.owe(CID, 3)
    assert [debt.falls_due(now_s) for now_s in (5, 10, 24, 25, 30)] == [False, False, False, True, False]
    assert not debt.is_owed
    debt.owe(CID, 4)
    assert debt.is_owed
    assert not debt.falls_due(60)
    assert debt.settle(CID, 4)
    assert not debt.settle(CID, 4)
    debt.owe(CID, 5)
    assert [debt.falls_due(now_s) for now_s in (65, 80, 85)] == [False, False, True]
