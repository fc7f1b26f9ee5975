from miss.chat.push.debt import Debt


def test_whoever_acknowledges_in_time_owes_nothing() -> None:
    debt = Debt(20)
    debt.owe()
    assert not debt.falls_due(5)
    assert debt.is_owed
    assert not debt.settle()
    assert not debt.is_owed
    assert not debt.falls_due(100)


def test_silence_is_told_once_and_an_answer_after_it_is_told_too() -> None:
    debt = Debt(20)
    debt.owe()
    assert [debt.falls_due(now_s) for now_s in (5, 10, 24, 25, 30)] == [False, False, False, True, False]
    debt.owe()
    assert not debt.falls_due(60)
    assert debt.settle()
    assert not debt.settle()
    debt.owe()
    assert [debt.falls_due(now_s) for now_s in (65, 80, 85)] == [False, False, True]
