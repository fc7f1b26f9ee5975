"""The reminder of what a record lacks: to somebody, about something, once a month at most."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from miss.base.clock import MovableClock
from miss.directory.establishments.model import Contact, ContactFunction
from miss.server.establishments.nag import NAG_JOB
from tests.miss.server.establishments.hospitals import LILLE, Hospitals

ODILE = Contact(ContactFunction.MESSAGING_ADMINISTRATOR, "Odile Buvard", "odile@ch-fictif.example", "0320000000")
WHOLE = [Contact(function, "Odile", "odile@ch-fictif.example", "0320000000") for function in ContactFunction]


async def mails(hospitals: Hospitals) -> list[EmailMessage]:
    """What has left, once every due job ran."""
    house = hospitals.server.house
    while await house.jobs.run_due():
        pass
    return read_spool(house.settings.data_dir / "spool")


def read_spool(folder: Path) -> list[EmailMessage]:
    """Mails of the folder that stands for a relay."""
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.rglob("*.eml"))]


def move(hospitals: Hospitals, by: timedelta) -> None:
    clock = hospitals.server.house.clock
    assert isinstance(clock, MovableClock)
    clock.advance(by)


async def test_an_incomplete_record_is_recalled_once_a_month(hospitals: Hospitals) -> None:
    await hospitals.establishments.set_contacts(LILLE, [ODILE], "cli:test")
    for start in hospitals.server.starts:
        await start()
    assert await mails(hospitals) == []
    move(hospitals, timedelta(days=1, minutes=1))
    [mail] = await mails(hospitals)
    assert mail["To"] == "odile@ch-fictif.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body()
    assert body is not None
    assert "Contact médical : le téléphone manque" in body.get_content()
    assert f"/etablissement/{LILLE}/fiche" in body.get_content()
    for _ in range(29):
        move(hospitals, timedelta(days=1))
        assert len(await mails(hospitals)) == 1
    move(hospitals, timedelta(days=2))
    assert len(await mails(hospitals)) == 2
    await hospitals.establishments.set_contacts(LILLE, WHOLE, "cli:test")
    move(hospitals, timedelta(days=40))
    assert len(await mails(hospitals)) == 2


async def test_nobody_is_written_to_where_nobody_is_named(hospitals: Hospitals) -> None:
    for start in hospitals.server.starts:
        await start()
    move(hospitals, timedelta(days=1, minutes=1))
    assert await mails(hospitals) == []
    assert (await hospitals.establishments.get(LILLE)).nagged_at is None
    technical = Contact(ContactFunction.TECHNICAL, "", "dsi@ch-fictif.example", "")
    await hospitals.establishments.set_contacts(LILLE, [technical], "cli:test")
    move(hospitals, timedelta(days=1, minutes=1))
    assert [mail["To"] for mail in await mails(hospitals)] == ["dsi@ch-fictif.example"]


def test_the_job_has_a_name_of_its_own() -> None:
    assert NAG_JOB == "establishment.nag"
