"""Absences kept, shown while they last, forgotten when they are over."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.directory.absence import AbsenceNotFound, AbsenceOverlaps, Absences, ColleagueUnknown
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import DirectoryEntry, Practitioners
from miss.directory.sample.people import ANNE_MODELE, KARIM_ESSAI, PAUL_EXEMPLE
from miss.storage import Database

TODAY = date(2026, 11, 20)
WEEK = timedelta(days=7)


@dataclass
class Scene:
    absences: Absences
    audit: AuditLog
    anne: Account
    paul: Account
    told: list[PractitionerId]


@pytest.fixture
async def scene(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, practitioners: Practitioners, accounts: Accounts
) -> Scene:
    audit = AuditLog(db, clock)
    absences = Absences(db, clock, random_bytes, practitioners, accounts, audit)
    opened = []
    for rpps in (ANNE_MODELE, PAUL_EXEMPLE):
        person = await practitioners.find_by_rpps(rpps)
        assert person is not None
        opened.append(await accounts.open(person.id, by="test"))
    told: list[PractitionerId] = []

    async def listen(who: PractitionerId) -> None:
        told.append(who)

    absences.add_listener(listen)
    anne, paul = opened
    return Scene(absences, audit, anne, paul, told)


async def test_an_absence_is_shown_while_it_lasts(scene: Scene, db: Database) -> None:
    anne = scene.anne
    kept = await scene.absences.add(
        anne, TODAY + WEEK, TODAY + 2 * WEEK, " En congé. \r\n Urgences : le 15. ", KARIM_ESSAI, today=TODAY
    )
    assert kept.message == "En congé. \n Urgences : le 15."
    assert kept.colleague == f"8{KARIM_ESSAI}"
    everybody = [anne.practitioner_id, scene.paul.practitioner_id]
    for day, shown in ((TODAY, False), (TODAY + WEEK, True), (TODAY + 2 * WEEK, True), (TODAY + 3 * WEEK, False)):
        current = await scene.absences.list_current(everybody, today=day)
        assert current == ({anne.practitioner_id: kept} if shown else {})
    assert list(await scene.absences.list_(anne, today=TODAY)) == [kept]
    assert list(await scene.absences.list_(anne, today=TODAY + 3 * WEEK)) == []
    async with db.snapshot() as tx:
        assert await scene.absences.load(tx, everybody) == {anne.practitioner_id: [kept]}


async def test_what_is_over_is_forgotten_with_the_next_one(scene: Scene) -> None:
    await scene.absences.add(scene.anne, TODAY, TODAY, "", "", today=TODAY)
    later = TODAY + WEEK
    again = await scene.absences.add(scene.anne, later, later, "", "", today=later)
    assert list(await scene.absences.list_(scene.anne, today=TODAY)) == [again]


async def test_only_ones_own_is_removed_and_those_who_plan_are_told(scene: Scene) -> None:
    kept = await scene.absences.add(scene.anne, TODAY, TODAY + WEEK, "", "", today=TODAY)
    with pytest.raises(AbsenceOverlaps):
        await scene.absences.add(scene.anne, TODAY + WEEK, TODAY + WEEK, "", "", today=TODAY)
    with pytest.raises(AbsenceNotFound):
        await scene.absences.remove(scene.paul, kept.id)
    await scene.absences.remove(scene.anne, kept.id)
    assert list(await scene.absences.list_(scene.anne, today=TODAY)) == []
    assert scene.told == [scene.anne.practitioner_id] * 2
    entries = (await scene.audit.list_(subject=Subject.account(scene.anne.uid))).entries
    acts = [(entry.fact.act, entry.fact.detail) for entry in entries if entry.fact]
    assert acts[:2] == [("absence.removed", ""), ("absence.added", "2026-11-20/2026-11-27")]


async def test_a_colleague_is_somebody_else_whom_everybody_may_find(scene: Scene, practitioners: Practitioners) -> None:
    karim = await practitioners.find_by_rpps(KARIM_ESSAI)
    assert karim is not None
    by_address = await scene.absences.add(scene.anne, TODAY, TODAY, "", karim.mailboxes[0], today=TODAY)
    assert by_address.colleague == karim.id
    await practitioners.describe(karim.id, DirectoryEntry(is_red_listed=True), by="test")
    for colleague in (KARIM_ESSAI, ANNE_MODELE, "99900000012", "personne@ailleurs.example", "Karim"):
        with pytest.raises(ColleagueUnknown):
            await scene.absences.add(scene.anne, TODAY + WEEK, TODAY + WEEK, "", colleague, today=TODAY)
