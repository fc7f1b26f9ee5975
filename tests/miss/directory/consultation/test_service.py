"""What is shown, counted and recorded when somebody looks at the directory."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.broker import MemoryBroker, Rates
from miss.directory.accounts import Accounts
from miss.directory.audit import AuditLog, Fact, Subject
from miss.directory.consultation import PAGE_ENTRIES, Consultation, Reader
from miss.directory.practitioners import DirectoryEntry, PractitionerNotFound, Practitioners, SearchQuery
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample.people import ANNE_MODELE, KARIM_ESSAI, PAUL_EXEMPLE
from miss.directory.search.errors import SearchQuotaReached, SearchTooBroad
from miss.directory.search.quota import SearchQuota, search_rates
from miss.storage import Database
from tests.miss.directory.exports.members import a_member

PAUL = Reader(b"p" * 16, "70" * 16, own=practitioner_id(PAUL_EXEMPLE))
ANNE = practitioner_id(ANNE_MODELE)


@pytest.fixture
def audit(db: Database, clock: MovableClock) -> AuditLog:
    return AuditLog(db, clock)


@pytest.fixture
def consultation(db: Database, practitioners: Practitioners, audit: AuditLog) -> Consultation:
    quota = SearchQuota(Rates(MemoryBroker().counts), search_rates(5, 100), search_rates(5, 100))
    return Consultation(db, practitioners, audit, quota)


async def facts(audit: AuditLog) -> list[Fact]:
    return [entry.fact for entry in (await audit.list_(actor=PAUL.actor)).entries if entry.fact]


async def names(consultation: Consultation, **asked: str) -> list[str]:
    page = await consultation.search(PAUL, SearchQuery(**asked))  # type: ignore[arg-type]
    return [seen.practitioner.family for seen in page.entries]


async def test_members_bear_a_badge(consultation: Consultation, accounts: Accounts) -> None:
    account = await a_member(accounts, ANNE_MODELE)
    page = await consultation.search(PAUL, SearchQuery(text="dermatologie lille"))
    assert {seen.practitioner.rpps: seen.is_member for seen in page.entries} == {ANNE_MODELE: True, KARIM_ESSAI: False}
    assert await consultation.find_account(ANNE) == account.uid
    await accounts.suspend(account.uid, "test", "absence")
    assert not (await consultation.open(PAUL, ANNE)).is_member
    assert await consultation.find_account(ANNE) is None


@pytest.mark.parametrize("text", ["a", "ab", " a b ", "é\t"])
async def test_two_letters_list_nobody(consultation: Consultation, text: str) -> None:
    with pytest.raises(SearchTooBroad):
        await consultation.search(PAUL, SearchQuery(text=text))


@pytest.mark.parametrize("text", ["", "   ", "!?*%", "\0\0\0\0"])
async def test_nothing_asked_is_nothing_found_and_nothing_spent(consultation: Consultation, text: str) -> None:
    for _ in range(10):
        assert (await consultation.search(PAUL, SearchQuery(text=text))).entries == ()


@pytest.mark.parametrize("text", ["mod\0ele", "mod\udc80ele", "' OR 1=1 --", "*)(uid=*", "%%%abc", "\u2028abc"])
async def test_hostile_questions_find_nobody(consultation: Consultation, text: str) -> None:
    assert await names(consultation, text=text, town=text) == []


async def test_the_red_list_is_found_by_who_knows_number_or_address(
    consultation: Consultation, practitioners: Practitioners
) -> None:
    await practitioners.describe(ANNE, DirectoryEntry(is_red_listed=True), by="test")
    assert await names(consultation, text="modele anne") == []
    assert await names(consultation, text=" 999 0000 0011 ") == ["MODELE"]
    assert await names(consultation, text="Anne.Modele@ch-fictif.mssante.example") == ["MODELE"]
    assert await names(consultation, text="anne.modele@ch-fictif.mssante.exampl") == []
    assert (await consultation.open(PAUL, ANNE)).practitioner.rpps == ANNE_MODELE


async def test_searches_are_counted_and_not_recorded(consultation: Consultation, audit: AuditLog) -> None:
    for _ in range(5):
        await names(consultation, text="modele")
    with pytest.raises(SearchQuotaReached):
        await names(consultation, text="modele")
    assert await facts(audit) == []


async def test_an_entry_is_counted_and_recorded_but_ones_own(consultation: Consultation, audit: AuditLog) -> None:
    for _ in range(9):
        assert (await consultation.open(PAUL, PAUL.own or PractitionerId(""))).practitioner.rpps == PAUL_EXEMPLE
    assert await facts(audit) == []
    await consultation.open(PAUL, ANNE)
    await consultation.open(PAUL, ANNE, "directory.card")
    assert [(fact.act, fact.subject) for fact in await facts(audit)] == [
        ("directory.card", Subject.practitioner(ANNE)),
        ("directory.read", Subject.practitioner(ANNE)),
    ]


async def test_guessing_numbers_is_what_the_quota_is_for(consultation: Consultation, audit: AuditLog) -> None:
    for number in range(5):
        with pytest.raises(PractitionerNotFound):
            await consultation.open(PAUL, PractitionerId(f"89990000999{number}"))
    with pytest.raises(SearchQuotaReached):
        await consultation.open(PAUL, ANNE)
    assert await facts(audit) == []


async def test_pages_follow_each_other(consultation: Consultation) -> None:
    first = await consultation.search(PAUL, SearchQuery(profession="10"))
    second = await consultation.search(PAUL, SearchQuery(profession="10", offset=PAGE_ENTRIES))
    assert (len(first.entries), first.has_more, second.has_more) == (PAGE_ENTRIES, True, False)
    everybody = [seen.practitioner.id for page in (first, second) for seen in page.entries]
    assert len(set(everybody)) == len(everybody)


async def test_a_program_is_counted_by_what_it_is_shown(
    db: Database, practitioners: Practitioners, audit: AuditLog
) -> None:
    quota = SearchQuota(Rates(MemoryBroker().counts), search_rates(5, 100), search_rates(100, 8))
    consultation = Consultation(db, practitioners, audit, quota)
    program, lille = Reader(b"token", "token:1", is_program=True), SearchQuery(text="lille")
    shown = len((await consultation.search(program, lille)).entries)
    assert shown >= 4
    with pytest.raises(SearchQuotaReached):
        await consultation.search(program, lille)
    for _ in range(2):
        assert (await consultation.search(PAUL, lille)).entries
