"""Mails of invitations: under whose name they arrive."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId, PractitionerId
from miss.base.random import system_random
from miss.base.text import Language
from miss.directory.establishments.branding import Brandings
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.invitations import InvitationMail, InvitationMailKind
from miss.directory.roles import Scope, organization_scope, practitioner_scope
from miss.mail.outbound import Outbox, Spool
from miss.server.mails.invitation import InvitationMails
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.teleexpertise.one_database import db

__all__ = ["db"]
DUNES = OrganizationId("F599990017")


@pytest.mark.parametrize(
    ("scope", "sender", "shown"),
    [
        (organization_scope(DUNES), "Les Dunes, service des soins", "Les Dunes, service des soins - MiSS"),
        (organization_scope(DUNES), "", "EHPAD fictif Les Dunes - MiSS"),
        (organization_scope(DUNES), None, "MiSS"),  # it chose nothing
        (practitioner_scope(PractitionerId("899900000029")), "Les Dunes", "MiSS"),
        (None, "Les Dunes", "MiSS"),
    ],
)
async def test_an_establishments_mail_bears_the_name_that_it_chose(
    db: Database,
    keystore: KeyStore,
    clock: MovableClock,
    jobs: JobRunner,
    tmp_path: Path,
    scope: Scope | None,
    sender: str | None,
    shown: str,
) -> None:
    record = Establishment(id=DUNES, name="EHPAD fictif Les Dunes", kind=EstablishmentKind.CARE_HOME)
    await Establishments(db, clock, system_random).open(record, "test")
    brandings = Brandings(db, clock)
    if sender is not None:
        await brandings.put(DUNES, "#7a1f5c", sender, None, "test")
    outbox = Outbox(db, keystore, Spool(tmp_path / "spool"), clock, system_random)
    jobs.register(outbox.job_handler())
    mails = InvitationMails(outbox, brandings, "miss.example", "https://miss.example")
    mail = InvitationMail(
        kind=InvitationMailKind.NAMED,
        reference="named-1",
        to="odile@contact.example",
        language=Language.FR,
        inviter="EHPAD fictif Les Dunes",
        invitee="Odile BUVARD",
        scope=scope,
    )
    async with db.transaction() as tx:
        await mails(tx, mail)
    while await jobs.run_due():
        continue
    [path] = (tmp_path / "spool").glob("*.eml")
    [address] = message_from_bytes(path.read_bytes(), policy=default)["From"].addresses
    assert (address.display_name, address.addr_spec) == (shown, "miss@miss.example")
