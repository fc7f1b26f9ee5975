"""When a flow is said to fail."""

from datetime import UTC, datetime, timedelta

import pytest

from miss.mail.flows.model import FailingFlow, FlowKey, FlowKind, code_of, find_failing
from miss.mail.outbound.model import Undelivered

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
CH = FlowKey(FlowKind.ESTABLISHMENT, "590000022")
DOMAIN = FlowKey(FlowKind.DOMAIN, "ch.mssante.example")
UNKNOWN_USER = "550 5.1.1 <a@ch.mssante.example>: no such user"


def late(recipient: str, minutes: int = 0, reply: str = "") -> Undelivered:
    return Undelivered(f"{recipient}@ch.mssante.example", NINE + timedelta(minutes=minutes), False, reply)


def refused(recipient: str, reply: str, minutes: int = 0) -> Undelivered:
    return Undelivered(f"{recipient}@ch.mssante.example", NINE + timedelta(minutes=minutes), True, reply)


@pytest.mark.parametrize(
    ("mails", "fails"),
    [
        ([late("a"), late("b")], False),
        ([late("a"), late("a"), late("a")], True),
        ([late("a"), refused("b", "451 busy"), late("c")], True),
        ([refused("a", UNKNOWN_USER), refused("b", "550 5.1.1 unknown")], True),
        ([refused("a", UNKNOWN_USER), refused("a", UNKNOWN_USER)], False),
        ([refused("a", UNKNOWN_USER), refused("b", "554 5.7.1 blocked")], False),
        ([refused("a", "refused"), refused("b", "refused")], False),
        ([], False),
    ],
)
def test_many_mails_or_one_refusal_of_several_people(mails: list[Undelivered], fails: bool) -> None:
    keys = {mail.recipient: [CH] for mail in mails}
    assert (CH in find_failing(mails, keys)) is fails


def test_a_flow_tells_how_many_since_when_and_what_was_said_last() -> None:
    mails = [late("a", 10, "451 4.3.2 later"), late("b"), late("c", 20), late("elsewhere", 1)]
    keys = {mail.recipient: [CH, DOMAIN] for mail in mails[:3]}
    found = find_failing(mails, keys)
    assert found[CH] == FailingFlow(key=CH, undelivered=3, since=NINE, reply="451 4.3.2 later")
    assert set(found) == {CH, DOMAIN}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (UNKNOWN_USER, "5.1.1"),
        ("550-5.7.1 blocked", "5.7.1"),
        ("554 no", "554"),
        ("5.1.1", "5.1.1"),
        ("902", "902"),
        ("5501 no", ""),
        ("ConnectionRefusedError", ""),
        ("", ""),
    ],
)
def test_refusals_are_compared_by_their_code(reply: str, code: str) -> None:
    assert code_of(reply) == code


def test_a_contact_is_told_once_a_day() -> None:
    flow = FailingFlow(key=CH, undelivered=3, since=NINE, reply="")
    assert flow.is_told_due(NINE)
    told = FailingFlow(key=CH, undelivered=3, since=NINE, reply="", told_at=NINE)
    assert not told.is_told_due(NINE + timedelta(hours=23, minutes=59))
    assert told.is_told_due(NINE + timedelta(days=1))
