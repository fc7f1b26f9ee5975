"""Establishments that are told by mail: asked for on the public page, confirmed by a link, ended by another.

Anybody may write any address into the form, so nothing but one short mail goes there before its owner says yes; the
answer of the page is the same whether or not an address is known.
"""

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.mail.addresses import Mailbox, is_no_reply, parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.server.console.incidents import store
from miss.server.console.incidents.errors import SubscriptionLinkExpired
from miss.server.console.incidents.model import Incident, Kind, Update
from miss.server.console.incidents.service import TELL_JOB
from miss.server.console.incidents.store import Subscriber
from miss.server.web.zones import PAGE_ZONE
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler

LOCAL_PART: Final = "miss"
TOKEN_BYTES: Final = 24
CONFIRM_WITHIN: Final = timedelta(days=3)
ASK_AGAIN_AFTER: Final = timedelta(hours=1)
"""An address that has not answered gets no second mail before."""
BATCH: Final = 100
ESTABLISHMENT_CHARS: Final = 200
INCIDENTS_PATH: Final = "/incidents"
CONFIRM_PATH: Final = f"{INCIDENTS_PATH}/abonnement/confirmation"
LEAVE_PATH: Final = f"{INCIDENTS_PATH}/abonnement/fin"

_CONFIRM: Final = (
    Text(fr="Confirmez votre abonnement à « Maintenance et travaux »", en="Confirm: MiSS maintenance and works"),
    Text(
        fr="Cette adresse a été inscrite pour recevoir les annonces d’incidents et de travaux de la plateforme MiSS."
        "\n\nPour les recevoir, confirmez dans les trois jours :\n\n{link}\n\nSi ce n’est pas vous, ne faites rien : "
        "rien d’autre ne vous sera envoyé. Ce message est automatique : n’y répondez pas.\n",
        en="This address was entered to receive announcements of incidents and works of the MiSS platform.\n\nTo "
        "receive them, confirm within three days:\n\n{link}\n\nIf this was not you, do nothing: nothing else will be "
        "sent. This message is automatic: do not answer it.\n",
    ),
)
_KINDS: Final = {
    Kind.INCIDENT: Text(fr="Incident", en="Incident"),
    Kind.MAINTENANCE: Text(fr="Maintenance", en="Maintenance"),
}
_NEWS: Final = Text(fr="[MiSS] {kind} : {title}", en="[MiSS] {kind}: {title}")
_OVER: Final = Text(fr="[MiSS] {kind} (terminé) : {title}", en="[MiSS] {kind} (over): {title}")
_WHEN: Final = Text(fr="Du {start} au {end}.\n\n", en="From {start} to {end}.\n\n")
_BODY: Final = Text(
    fr="{title}\n\n{when}{said}\n\nTout suivre : {page}\nNe plus recevoir ces messages : {leave}\n",
    en="{title}\n\n{when}{said}\n\nFollow everything: {page}\nStop these messages: {leave}\n",
)


class Subscriptions:
    """Who is told of incidents by mail."""

    def __init__(
        self, db: Database, clock: Clock, random_bytes: RandomBytes, outbox: Outbox, domain: str, public_origin: str
    ) -> None:
        """`domain`: of the platform's own addresses; `public_origin`: of the pages.  Raises AddressMalformed."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._outbox = outbox
        self._domain = domain
        self._origin = public_origin
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    async def ask(self, address: str, establishment: str, language: Language) -> None:
        """Send the link that confirms, unless the address is subscribed or was asked a short while ago.

        Raises AddressMalformed, also for an address that nobody reads.
        """
        parsed = parse_address(address, "address")
        if is_no_reply(parsed):
            raise AddressMalformed(field="address")
        now, token = self._clock.now(), self._new_token()
        async with self._db.transaction() as tx:
            await store.delete_unconfirmed(tx, now - CONFIRM_WITHIN)
            known = await store.find_by_address(tx, str(parsed))
            if known is not None:
                if known.confirmed_at is not None or now < known.asked_at + ASK_AGAIN_AFTER:
                    return
                await store.delete_subscriber(tx, known.leave_token)
            subscriber = Subscriber(
                id=new_row_id(now, self._random_bytes),
                address=str(parsed),
                establishment=_one_line(establishment)[:ESTABLISHMENT_CHARS],
                language=language,
                asked_at=now,
                confirmed_at=None,
                leave_token=self._new_token(),
            )
            if not await store.insert_subscriber(tx, subscriber, _hash(token)):
                return
            subject, body = (
                text.in_(language, link=f"{self._origin}{CONFIRM_PATH}?jeton={token}") for text in _CONFIRM
            )
            mail = self._mail(subscriber, "subscribe", subject, body)
            await self._outbox.enqueue(tx, mail, about=f"subscriber:{subscriber.id}")

    async def find(self, token: str) -> Subscriber | None:
        """Whose link it is, if it still confirms something."""
        async with self._db.transaction() as tx:
            return await self._find(tx, token)

    async def confirm(self, token: str) -> Subscriber:
        """The address wants to be told; again changes nothing.  Raises SubscriptionLinkExpired."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            found = await self._find(tx, token)
            if found is None:
                raise SubscriptionLinkExpired
            if found.confirmed_at is None:
                await store.confirm(tx, found.id, now)
        return replace(found, confirmed_at=found.confirmed_at or now)

    async def leave(self, token: str) -> None:
        """Forget the address; again changes nothing."""
        if token.isprintable():  # a database may refuse to compare anything else
            async with self._db.transaction() as tx:
                await store.delete_subscriber(tx, token[:64])

    async def count(self) -> int:
        """How many addresses are told."""
        async with self._db.snapshot() as tx:
            return await store.count_confirmed(tx)

    # Telling

    def job_handler(self) -> JobHandler:
        """Queues the mails of one word, in batches; again queues none twice (their Message-ID says which they are)."""
        return JobHandler(TELL_JOB, self._tell)

    async def _tell(self, job: Job) -> None:
        async with self._db.snapshot() as tx:
            incident = await store.find_by_update(tx, job.key)
        if incident is None:
            return
        rank = next(rank for rank, word in enumerate(incident.updates) if word.id == job.key)
        after = ""
        while True:
            async with self._db.transaction() as tx:
                batch = await store.list_confirmed(tx, after, BATCH)
                for subscriber in batch:
                    mail = self._compose(subscriber, incident, rank)
                    await self._outbox.enqueue(tx, mail, about=f"incident:{incident.id}")
            if len(batch) < BATCH:
                return
            after = batch[-1].id

    def _compose(self, subscriber: Subscriber, incident: Incident, rank: int) -> OutboundMail:
        language, word = subscriber.language, incident.updates[rank]
        when = ""
        if incident.kind is Kind.MAINTENANCE and incident.ends_at is not None:
            start, end = (instant.astimezone(PAGE_ZONE) for instant in (incident.starts_at, incident.ends_at))
            when = _WHEN.in_(language, start=f"{start:%d/%m/%Y %H:%M}", end=f"{end:%d/%m/%Y %H:%M}")
        text = _BODY.in_(
            language,
            title=incident.title.in_(language),
            when=when,
            said=word.said.in_(language),
            page=f"{self._origin}{INCIDENTS_PATH}",
            leave=f"{self._origin}{LEAVE_PATH}?jeton={subscriber.leave_token}",
        )
        return self._mail(subscriber, f"incident-{word.id}", _subject(incident, word, language), text)

    def _mail(self, subscriber: Subscriber, kind: str, subject: str, text: str) -> OutboundMail:
        return OutboundMail(
            message_id=message_id_for(kind, subscriber.id, self._domain),
            sender=self._sender,
            to=Mailbox(parse_address(subscriber.address)),
            subject=subject,
            text=text,
            auto_submitted=AutoSubmitted.GENERATED,
        )

    # Parts

    async def _find(self, tx: Transaction, token: str) -> Subscriber | None:
        found = await store.find_by_confirmation(tx, _hash(token))
        is_late = (
            found is not None and found.confirmed_at is None and self._clock.now() > (found.asked_at + CONFIRM_WITHIN)
        )
        return None if is_late else found

    def _new_token(self) -> str:
        return urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).decode().rstrip("=")


def _subject(incident: Incident, word: Update, language: Language) -> str:
    is_over = incident.closed_at == word.at
    said = (_OVER if is_over else _NEWS).in_(language, kind=_KINDS[incident.kind], title=incident.title.in_(language))
    return " ".join(said.split())


def _one_line(text: str) -> str:
    return "".join(one for one in " ".join(text.split()) if one.isprintable())


def _hash(token: str) -> bytes:
    return blake2b(token.encode("utf-8", "replace"), digest_size=32, person=b"miss.subscribe").digest()
