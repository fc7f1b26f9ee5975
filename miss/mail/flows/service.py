"""Looks, every half hour, for flows of mail that fail; tells the technical contact of an establishment once a day.

The mail says how many, since when and what was replied: no name of a patient, no subject.  Without a technical contact
nobody is told, and the console shows it (`miss.server.console.flows`).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.audit.model import SYSTEM, Subject
from miss.directory.audit.service import AuditLog
from miss.directory.establishments.model import ContactFunction, Establishment
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.flows import store
from miss.mail.flows.model import FailingFlow, FlowKey, FlowKind, find_failing
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, schedule

KIND: Final = "mail.watch_flows"
KEY: Final = "all"
LOOK_EVERY: Final = timedelta(minutes=30)
LOCAL_PART: Final = "miss"
MAX_SHOWN: Final = 200

log = structlog.get_logger("miss.mail.flows")

_SUBJECT: Final = Text(
    fr="[MiSS] Des courriels ne parviennent plus à votre établissement",
    en="[MiSS] Mails no longer reach your establishment",
)
_BODY: Final = Text(
    fr="Bonjour,\n\n{count} courriels de la plateforme MiSS n’ont pas pu être remis à des professionnels de "
    "l’établissement {name}, ou intégrés par leur logiciel ; le plus ancien attend depuis le {since} (UTC).\n\n"
    "Dernière réponse reçue : {reply}\n\n"
    "Vérifiez que votre serveur de messagerie reçoit, que les boîtes existent et que la plateforme n’y est pas "
    "bloquée. Les courriels en attente sont représentés pendant cinq jours ; ceux qui ont été refusés ne le sont "
    "plus.\n\nVous recevez cette alerte parce que vous êtes le contact technique de l’établissement, au plus une fois "
    "par jour. Ce message est automatique : n’y répondez pas.\n",
    en="Hello,\n\n{count} mails of the MiSS platform could not be delivered to professionals of {name}, or filed by "
    "their software; the oldest has "
    "waited since {since} (UTC).\n\nLast reply received: {reply}\n\nCheck that your mail server receives, that the "
    "mailboxes exist and that the platform is not blocked there. Waiting mails are tried again for five days; those "
    "that were refused are not.\n\nYou receive this alert as the establishment’s technical contact, once a day at "
    "most. This message is automatic: do not answer it.\n",
)
_NO_REPLY: Final = Text(fr="aucune (serveur injoignable)", en="none (server unreachable)")


class FlowWatch:
    """Which flows fail, and who was told."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        establishments: Establishments,
        outbox: Outbox,
        audit: AuditLog,
        domain: str,
    ) -> None:
        """`domain`: of the platform's own addresses.  Raises AddressMalformed."""
        self._db = db
        self._clock, self._random_bytes = clock, random_bytes
        self._practitioners, self._establishments = practitioners, establishments
        self._outbox = outbox
        self._audit = audit
        self._domain = domain
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    def job_handler(self) -> JobHandler:
        """Looks, and plans the next look."""
        return JobHandler(KIND, self._run)

    async def start(self) -> None:
        """Plan a look."""
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + LOOK_EVERY
            await schedule(tx, KIND, KEY, due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.watch()
        await self.start()

    async def watch(self) -> int:
        """Find what fails now and tell those who are to be told; how many flows fail."""
        undelivered = await self._outbox.list_undelivered()
        known: dict[FlowKey, Establishment] = {}
        keys = {address: await self._find_keys(address, known) for address in {one.recipient for one in undelivered}}
        failing = find_failing(undelivered, keys)
        now = self._clock.now()
        async with self._db.transaction() as tx:
            for flow in await store.replace(tx, failing, now):
                establishment = known.get(flow.key)
                if establishment and flow.is_told_due(now) and await self._tell(tx, flow, establishment):
                    await store.mark_told(tx, flow.key, now)
        if failing:
            log.warning("mail.flows_fail", flows=len(failing), mails=len(undelivered))
        return len(failing)

    async def list_failing(self) -> list[FailingFlow]:
        """The flows that failed at the last look, the one with the most mails first; `MAX_SHOWN` at most."""
        async with self._db.snapshot() as tx:
            return await store.list_failing(tx, MAX_SHOWN)

    async def count_failing(self) -> int:
        """How many flows failed at the last look."""
        async with self._db.snapshot() as tx:
            return await store.count_failing(tx)

    async def _find_keys(self, address: str, known: dict[FlowKey, Establishment]) -> list[FlowKey]:
        """The establishments where the owner of `address` practises, if they have a record; else its domain."""
        practitioner = await self._practitioners.find_by_mailbox(address)
        found = await self._establishments.get_many(list(_organizations(practitioner)))
        for establishment in found:
            known[FlowKey(FlowKind.ESTABLISHMENT, establishment.id)] = establishment
        if found:
            return [FlowKey(FlowKind.ESTABLISHMENT, one.id) for one in found]
        return [FlowKey(FlowKind.DOMAIN, address.rpartition("@")[2].lower())]

    async def _tell(self, tx: Transaction, flow: FailingFlow, establishment: Establishment) -> bool:
        """Queue the alert; False if there is nobody to write to."""
        contact = establishment.contact(ContactFunction.TECHNICAL)
        try:
            to = Mailbox(parse_address(contact.email))
        except AddressMalformed:
            return False
        reference = new_row_id(self._clock.now(), self._random_bytes)
        since = flow.since.strftime("%d/%m/%Y %H:%M")
        reply = flow.reply or _NO_REPLY.in_(Language.FR)
        mail = OutboundMail(
            message_id=message_id_for("flow-alert", reference, self._domain),
            sender=self._sender,
            to=to,
            subject=_SUBJECT.in_(Language.FR),
            text=_BODY.in_(Language.FR, count=flow.undelivered, name=establishment.name, since=since, reply=reply),
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, mail, about=f"flow-alert:{reference}")
        subject = Subject("organization", establishment.id)
        self._audit.append(
            tx, actor=SYSTEM, act="establishment.flow_alert", subject=subject, detail=str(flow.undelivered)
        )
        return True


def _organizations(practitioner: Practitioner | None) -> Iterable[OrganizationId]:
    """What an establishment's record may be filed under: the register's identifier, or the FINESS number."""
    if practitioner is None:
        return ()
    organizations = [role.organization for role in practitioner.roles if role.organization]
    filed = (one for organization in organizations for one in (organization.id, organization.finess) if one)
    return dict.fromkeys(map(OrganizationId, filed))
