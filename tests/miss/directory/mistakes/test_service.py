"""Reports of mistakes: taken, limited, closed once; each act in the log."""

import asyncio

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker, Rates
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.mistakes import (
    MistakeAlreadyClosed,
    MistakeKind,
    MistakeNotFound,
    Mistakes,
    MistakeWordsRefused,
    Outcome,
    TooManyMistakes,
)
from miss.directory.practitioners import PractitionerNotFound, Practitioners
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample.people import ANNE_MODELE, MARC_COORDO, PAUL_EXEMPLE
from miss.storage import Database
from tests.miss.directory.exports.members import a_member

ANNE = practitioner_id(ANNE_MODELE)


@pytest.fixture
def audit(db: Database, clock: MovableClock) -> AuditLog:
    return AuditLog(db, clock)


@pytest.fixture
def mistakes(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, practitioners: Practitioners, audit: AuditLog
) -> Mistakes:
    return Mistakes(db, clock, random_bytes, practitioners, audit, Rates(MemoryBroker().counts))


@pytest.fixture
async def paul(accounts: Accounts) -> Account:
    return await a_member(accounts, PAUL_EXEMPLE)


async def test_a_report_waits_until_it_is_closed(
    mistakes: Mistakes, audit: AuditLog, accounts: Accounts, paul: Account
) -> None:
    marc = await a_member(accounts, MARC_COORDO)
    first = await mistakes.report(paul.uid, ANNE, MistakeKind.LEFT, " Partie en juin.\r\nVue\0 à Lyon. ")
    second = await mistakes.report(paul.uid, ANNE, MistakeKind.OTHER, "Autre")
    assert first.words == "Partie en juin.\nVue  à Lyon."
    assert await mistakes.list_open() == [first, second]
    await mistakes.close(first.id, Outcome.PASSED_ON, by=marc.uid)
    assert await mistakes.list_open() == [second]
    assert await mistakes.count_open() == 1
    with pytest.raises(MistakeAlreadyClosed):
        await mistakes.close(first.id, Outcome.UNFOUNDED, by=marc.uid)
    said = [entry.fact for entry in (await audit.list_(subject=Subject.practitioner(ANNE))).entries if entry.fact]
    assert [(fact.act, fact.actor, fact.detail.split()[1]) for fact in said] == [
        ("directory.mistake_closed", marc.uid.hex(), "passed_on"),
        ("directory.mistake_reported", paul.uid.hex(), "other"),
        ("directory.mistake_reported", paul.uid.hex(), "left"),
    ]


async def test_two_technicians_close_once(mistakes: Mistakes, paul: Account) -> None:
    report = await mistakes.report(paul.uid, ANNE, MistakeKind.PLACE, "Mauvaise rue")
    closing = (mistakes.close(report.id, Outcome.CORRECTED, by=paul.uid) for _ in range(2))
    done = await asyncio.gather(*closing, return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [MistakeAlreadyClosed]


@pytest.mark.parametrize("words", ["", " \n\t", "\0\0", "x" * 1_001])
async def test_words_are_asked_for(mistakes: Mistakes, paul: Account, words: str) -> None:
    with pytest.raises(MistakeWordsRefused):
        await mistakes.report(paul.uid, ANNE, MistakeKind.OTHER, words)
    assert await mistakes.count_open() == 0


async def test_unknown_entries_and_reports_have_names(mistakes: Mistakes, paul: Account) -> None:
    with pytest.raises(PractitionerNotFound):
        await mistakes.report(paul.uid, PractitionerId("8000"), MistakeKind.OTHER, "x")
    for unknown in ("none", "\0"):
        with pytest.raises(MistakeNotFound):
            await mistakes.close(unknown, Outcome.CORRECTED, by=paul.uid)


async def test_nobody_floods_the_technicians(mistakes: Mistakes, paul: Account) -> None:
    for _ in range(10):
        await mistakes.report(paul.uid, ANNE, MistakeKind.OTHER, "x")
    with pytest.raises(TooManyMistakes):
        await mistakes.report(paul.uid, ANNE, MistakeKind.OTHER, "x")
