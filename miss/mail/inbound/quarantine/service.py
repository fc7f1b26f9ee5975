"""List what was set aside, open it for a reason, have it tried again, discard it.

Opening content is breaking the glass: the reason stands in the access log before a byte is shown.  What is discarded
can be tried again as long as it can be read; what it said is destroyed at the end of its retention like any mail's.
"""

from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.audit import AuditLog, Subject
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed, MailRefused
from miss.mail.headers import Headers
from miss.mail.inbound import store
from miss.mail.inbound.errors import QuarantinedDestroyed, QuarantinedUnknown
from miss.mail.inbound.quarantine.model import SetAside, require_reason, technical_headers
from miss.mail.inbound.service import PROCESS
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner, schedule
from miss.storage.sealed import KeyStore

log = structlog.get_logger("miss.mail.quarantine")

MAX_SHOWN: Final = 200

_SUBJECT: Final = Text(fr="Votre message n’a pas encore pu être traité", en="Your message could not be processed yet")
_BODY: Final = Text(
    fr="Bonjour,\n\nLe message que vous avez envoyé à {address} le {day} (UTC) est bien arrivé et il est conservé, "
    "mais nos programmes n’ont pas réussi à le traiter. Un technicien est prévenu et l’examine : vous n’avez rien à "
    "renvoyer.\n\nSi l’état du patient ne peut pas attendre, contactez un confrère ou le 15 par téléphone.\n\nMessage "
    "automatique.\n",
    en="Hello,\n\nThe message that you sent to {address} on {day} (UTC) did arrive and is kept, but our programs "
    "could not process it. A technician has been told and is looking at it: there is nothing for you to send "
    "again.\n\nIf the patient cannot wait, call a colleague or the emergency number.\n\nAutomatic message.\n",
)


class Quarantine:
    """What operators do with mails that were set aside."""

    def __init__(
        self,
        db: Database,
        keystore: KeyStore,
        jobs: JobRunner,
        audit: AuditLog,
        outbox: Outbox,
        clock: Clock,
        random_bytes: RandomBytes,
        domain: str,
    ) -> None:
        """`domain`: of the platform's own addresses."""
        self._db = db
        self._keystore = keystore
        self._jobs = jobs
        self._audit = audit
        self._outbox = outbox
        self._clock = clock
        self._random_bytes = random_bytes
        self._domain = domain

    async def list_(self) -> list[SetAside]:
        """What waits, then what was discarded; `MAX_SHOWN` at most."""
        async with self._db.snapshot() as tx:
            return await store.list_set_aside(tx, MAX_SHOWN)

    async def count(self) -> int:
        """How many wait."""
        async with self._db.snapshot() as tx:
            return await store.count_set_aside(tx)

    async def get(self, mail_id: str) -> SetAside:
        """One of them.  Raises QuarantinedUnknown."""
        async with self._db.snapshot() as tx:
            return await self._get(tx, mail_id)

    async def headers(self, mail_id: str, *, by: str) -> Headers:
        """How it travelled; no subject.  Raises QuarantinedUnknown, QuarantinedDestroyed."""
        found, content = await self._open(mail_id)
        await self._audit.record(actor=by, act="mail.headers_read", subject=_subject(found), detail=found.id)
        try:
            return technical_headers(content)
        except MailRefused:
            return ()

    async def open(self, mail_id: str, reason: str, *, by: str) -> bytes:
        """The mail as it came.  Raises ReasonMissing, QuarantinedUnknown, QuarantinedDestroyed."""
        why = require_reason(reason)
        found, content = await self._open(mail_id)
        await self._audit.record(
            actor=by, act="mail.content_opened", subject=_subject(found), detail=f"{found.id}: {why}"
        )
        log.warning("mail.content_opened", mail_id=found.id, by=by)
        return content

    async def replay(self, mail_id: str, *, by: str) -> None:
        """Have it tried again, three times.  Raises QuarantinedUnknown, QuarantinedDestroyed."""
        async with self._db.transaction() as tx:
            found = await self._get(tx, mail_id)
            if found.is_destroyed:
                raise QuarantinedDestroyed
            await store.mark_kept_again(tx, found.id)
            await schedule(tx, PROCESS, found.id, self._clock.now(), random_bytes=self._random_bytes)
            self._audit.append(tx, actor=by, act="mail.replayed", subject=_subject(found), detail=found.id)
        self._jobs.wake()

    async def discard(self, mail_id: str, reason: str, *, by: str) -> None:
        """Nothing follows; it can still be tried again.  Raises ReasonMissing, QuarantinedUnknown."""
        why = require_reason(reason)
        async with self._db.transaction() as tx:
            found = await self._get(tx, mail_id)
            await store.mark_discarded(tx, found.id)
            self._audit.append(tx, actor=by, act="mail.discarded", subject=_subject(found), detail=f"{found.id}: {why}")

    async def tell(self, tx: Transaction, mail: store.Waiting) -> None:
        """Write to the sender of a mail that is set aside: once, however often that happens."""
        try:
            to, sender = Mailbox(parse_address(mail.sender)), Mailbox(parse_address(mail.recipient), "MiSS")
        except AddressMalformed:
            return
        day = mail.received_at.strftime("%d/%m/%Y %H:%M")
        text = "\n\n".join(_BODY.in_(language, address=mail.recipient, day=day) for language in Language)
        outbound = OutboundMail(
            message_id=message_id_for("set-aside", mail.id, self._domain),
            sender=sender,
            to=to,
            subject=_SUBJECT.in_(Language.FR),
            text=text,
            auto_submitted=AutoSubmitted.REPLIED,
        )
        await self._outbox.enqueue(tx, outbound, about=f"mail:{mail.id}")

    async def _get(self, tx: Transaction, mail_id: str) -> SetAside:
        found = await store.find_set_aside(tx, mail_id)
        if found is None:
            raise QuarantinedUnknown
        return found

    async def _open(self, mail_id: str) -> tuple[SetAside, bytes]:
        async with self._db.snapshot() as tx:
            found = await self._get(tx, mail_id)
            sealed = await store.get_sealed(tx, found.id)
        if found.is_destroyed:
            raise QuarantinedDestroyed
        return found, await self._keystore.open(f"mail:{found.id}", sealed, what="inbound_mail")


def _subject(mail: SetAside) -> Subject:
    return Subject("practitioner", mail.practitioner_id)
