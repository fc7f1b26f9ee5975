"""A lost follow link: sent again to the address of a request, once, and to nobody else."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.registrations import LostLinks, MailKind, Reason
from miss.directory.registrations.errors import ContactMalformed
from miss.storage import Database
from miss.storage.jobs import Job
from miss.storage.sealed import KeyStore
from tests.miss.directory.registrations.applications import ALICE, Rooms, build_rooms

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
CONTACT = "ines.brouillon@contact.example"


@pytest.fixture
def rooms(db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore) -> Rooms:
    return build_rooms(db, clock, random_bytes, keystore)


@pytest.fixture
def lost(rooms: Rooms, random_bytes: RandomBytes) -> LostLinks:
    links = LostLinks(rooms.db, rooms.clock, random_bytes, rooms.registrations, rooms.jobs)
    rooms.jobs.register(links.job_handler())
    return links


async def told(rooms: Rooms, lost: LostLinks, address: str = CONTACT) -> list[str]:
    """The requests whose links leave after somebody asks for `address`, each checked to open."""
    before = len(rooms.post.mails)
    await lost.ask(address)
    assert rooms.post.mails[before:] == [], "whose the address is, is looked at by the job"
    await rooms.jobs.run_due()
    mails = rooms.post.mails[before:]
    assert {mail.kind for mail in mails} <= {MailKind.LINK}
    assert {mail.to for mail in mails} <= {CONTACT}
    return [(await rooms.registrations.follow(mail.token)).registration.id for mail in mails]


async def test_every_open_request_of_an_address_is_told_the_newest_first_and_no_more_than_three(
    rooms: Rooms, lost: LostLinks
) -> None:
    assert await told(rooms, lost) == []
    made = []
    for family in ("Brouillon", "Essai", "Fictif", "Modele"):
        made.append(await rooms.submit(family=family))
        rooms.clock.advance(timedelta(seconds=1))
    assert await told(rooms, lost, " INES.Brouillon@contact.example ") == made[:0:-1]
    assert await told(rooms, lost, "personne@contact.example") == []


async def test_a_job_that_runs_twice_writes_one_mail(rooms: Rooms, lost: LostLinks) -> None:
    await rooms.submit()
    handled = lost.job_handler()
    job = Job("01a1f82f-213e-772e-801d-8ad71eb78e58", handled.kind, "k", {"email": CONTACT}, rooms.clock.now(), 0)
    await handled.run(job)
    await handled.run(job)
    *_, first, second = rooms.post.mails
    assert first.reference == second.reference, "the outbox keeps one mail of a reference"


async def test_what_was_given_up_or_decided_long_ago_is_not_told(rooms: Rooms, lost: LostLinks) -> None:
    await rooms.submit()
    await rooms.registrations.withdraw(rooms.post.token)
    assert await told(rooms, lost) == []
    refused = await rooms.submit(family="Essai")
    await rooms.desk.refuse(refused, ALICE, frozenset({Reason.NO_ANSWER}), "")
    assert await told(rooms, lost) == [refused]
    rooms.clock.advance(rooms.registrations.retention)
    assert await told(rooms, lost) == []


@pytest.mark.parametrize("address", ["", "ines", "ines@", "a b@contact.example", "é" * 300])
async def test_what_is_no_address_is_said_so(lost: LostLinks, address: str) -> None:
    with pytest.raises(ContactMalformed):
        await lost.ask(address)
