"""Prepare, send, open, withdraw.

A draft is seen by its sender alone, and is gone after a day.  Sent, it is its reader's until it expires or is
withdrawn; each opening is written down before anything is shown.  Anybody else is told that there is no such thing.
"""

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import Practitioner
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.images import store
from miss.mail.images.album import Album
from miss.mail.images.correspondents import Correspondents, Reached, mailbox_of
from miss.mail.images.errors import RecipientNoMember, SendingsTooMany, SendingUnknown
from miss.mail.images.letter import Envelope, compose_attached_mail, compose_link_mail
from miss.mail.images.model import DRAFT_FOR, LARGE_MAIL_BYTES, Sending, State, Way, Words, choose_way, image_name
from miss.mail.images.retention import ImageRetention
from miss.mail.outbound import OutboundMail, Outbox, message_id_for
from miss.mail.rules import OUTBOUND_LIMIT_BYTES
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner

LOCAL_PART: Final = "miss"
MAX_LISTED: Final = 100
SHOWN_FOR: Final = HOUSE.period("mail.images")
_DAY: Final = timedelta(days=1)
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip: it says nothing that its content does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRules:
    """How a deployment sends images."""

    domain: str
    """Of the platform's own addresses."""
    pages: str
    """Address under which each sending has its page."""
    zone: tzinfo
    """Of the day that the mail names."""
    shown_for: timedelta = SHOWN_FOR
    per_day: int = 30
    large_mail_domains: Collection[str] = ()
    """Operators that take mails of 10 MB."""


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A sending as its page shows it."""

    sending: Sending
    words: Words
    is_own: bool
    """Shown to who made it."""
    openings: Sequence[datetime] = ()
    """For the sender."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list, and when it was opened."""

    sending: Sending
    state: State
    openings: Sequence[datetime]


class ImageSendings:
    """Everybody's sendings of images."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        correspondents: Correspondents,
        accounts: Accounts,
        album: Album,
        outbox: Outbox,
        audit: AuditLog,
        jobs: JobRunner,
        rules: ImageRules,
    ) -> None:
        """Raises AddressMalformed for `rules.domain`."""
        self._db, self._clock, self._random_bytes = db, clock, random_bytes
        self._correspondents = correspondents
        self._accounts = accounts
        self._album = album
        self._outbox = outbox
        self._audit = audit
        self._jobs = jobs
        self.rules = rules
        self.retention = ImageRetention(db, album, clock, random_bytes)
        self._platform = Mailbox(parse_address(f"{LOCAL_PART}@{rules.domain}", "mail_domain"), "MiSS")

    # The sender's

    async def prepare(self, account: Account, whom: str, words: Words, files: Sequence[bytes]) -> Sending:
        """A draft for whom `whom` names, an RPPS number or an address.

        Raises as `Correspondents.find` and `Album.clean`; RecipientNoMember, SendingsTooMany.
        """
        sender = await self._practitioner(account)
        reached = await self._correspondents.find(sender, whom)
        images = await self._album.clean(files)
        size_bytes, now = sum(map(len, images)), self._clock.now()
        draft = Sending(
            id=new_row_id(now, self._random_bytes),
            sender_id=sender.id,
            recipient_id=reached.chosen.id,
            reader_id=reached.reader.id,
            images=len(images),
            size_bytes=size_bytes,
            state=State.DRAFT,
            way=await self._way(reached, size_bytes),
            created_at=now,
            sent_at=None,
            expires_at=now + DRAFT_FOR,
        )
        async with self._db.transaction() as tx:
            # One after another: two forms sent at once are counted both.
            await self._accounts.lock(tx, account.uid)
            if await store.count_made(tx, sender.id, now - _DAY) >= self.rules.per_day:
                raise SendingsTooMany(limit=self.rules.per_day, retry_after_s=3600)
            await store.insert(tx, draft)
        await self._album.keep(draft.id, images)
        sealed = await self._album.seal_words(draft.id, words)
        async with self._db.transaction() as tx:
            await store.complete(tx, draft.id, sealed)
        return draft

    async def send(self, account: Account, sending_id: str) -> None:
        """Send a draft; one that was sent stays as it is.

        Raises SendingUnknown, RecipientNoMember, and as `Correspondents.reach`: people may have parted meanwhile.
        """
        draft = await self._find(sending_id)
        if draft.sender_id != account.practitioner_id:
            raise SendingUnknown
        if draft.state is State.SENT:
            return
        now = self._clock.now()
        if not draft.is_shown_to_sender(account.practitioner_id, now):
            raise SendingUnknown
        sender = await self._practitioner(account)
        reached = await self._correspondents.reach(sender, draft.recipient_id)
        sent = replace(
            draft,
            state=State.SENT,
            reader_id=reached.reader.id,
            way=await self._way(reached, draft.size_bytes),
            sent_at=now,
            expires_at=now + self.rules.shown_for,
        )
        mail, limit_bytes = await self._compose(sender, reached, sent)
        async with self._db.transaction() as tx:
            if not await store.mark_sent(tx, sent):
                return
            await self._outbox.enqueue(tx, mail, about=f"images:{sent.id}", limit_bytes=limit_bytes)
            self._record(account, "images.sent", sent.id, f"{sent.way.value} to {sent.reader_id}", tx)
        self._jobs.wake()
        if sent.way is Way.ATTACHED:
            await self.retention.destroy(sent.id)

    async def withdraw(self, account: Account, sending_id: str) -> None:
        """Take it back: nobody sees it from now on, and it is destroyed.  One that is over stays as it is.

        Raises SendingUnknown.
        """
        sending = await self._find(sending_id)
        if sending.sender_id != account.practitioner_id:
            raise SendingUnknown
        async with self._db.transaction() as tx:
            if sending.state is State.SENT and sending.way is Way.ATTACHED:
                return  # what was in a mail cannot be taken back
            if not await store.mark_withdrawn(tx, sending_id, self._clock.now()):
                return
            self._record(account, "images.withdrawn", sending_id, "", tx)
        await self.retention.destroy(sending_id)

    # Both

    async def open(self, account: Account, sending_id: str) -> Opened:
        """What the page shows; that its reader opened it is written down.  Raises SendingUnknown."""
        sending, is_own = await self._shown(account, sending_id)
        async with self._db.snapshot() as tx:
            sealed = await store.find_words(tx, sending_id)
            openings = (await store.list_openings(tx, [sending_id])).get(sending_id, ())
        words = await self._album.open_words(sending_id, sealed)
        if not is_own:
            await self._note(account, "images.opened", sending_id)
        return Opened(sending, words, is_own, openings if is_own else ())

    async def read_image(self, account: Account, sending_id: str, rank: int) -> bytes:
        """One image as JPEG, from 1.  Raises SendingUnknown."""
        sending, is_own = await self._shown(account, sending_id)
        if not 1 <= rank <= sending.images:
            raise SendingUnknown
        content = await self._album.read(sending_id, rank)
        if not is_own:
            async with self._db.transaction() as tx:
                self._record(account, "images.image_read", sending_id, str(rank), tx)
        return content

    async def read_all(self, account: Account, sending_id: str) -> bytes:
        """The ZIP of all its images.  Raises SendingUnknown."""
        sending, is_own = await self._shown(account, sending_id)
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w") as archive:  # JPEGs do not get smaller
            for rank in range(1, sending.images + 1):
                content = await self._album.read(sending_id, rank)
                archive.writestr(zipfile.ZipInfo(image_name(rank), _EARLIEST), content)
        if not is_own:
            await self._note(account, "images.downloaded", sending_id)
        return output.getvalue()

    async def list_sent(self, account: Account) -> list[Listed]:
        """What somebody sent, or has yet to send, newest first."""
        async with self._db.snapshot() as tx:
            found = await store.list_sent(tx, account.practitioner_id, MAX_LISTED)
            openings = await store.list_openings(tx, [one.id for one in found])
        return self._listed(found, openings)

    async def list_received(self, account: Account) -> list[Listed]:
        """What somebody was sent behind a link, newest first."""
        async with self._db.snapshot() as tx:
            found = await store.list_received(tx, account.practitioner_id, MAX_LISTED)
            openings = await store.list_openings(tx, [one.id for one in found])
        return self._listed(found, openings)

    # Parts

    def _listed(self, found: Sequence[Sending], openings: Mapping[str, Sequence[datetime]]) -> list[Listed]:
        now = self._clock.now()
        return [Listed(one, one.state_at(now), openings.get(one.id, ())) for one in found]

    async def _find(self, sending_id: str) -> Sending:
        found = None
        if len(sending_id) <= 36 and sending_id.isprintable():  # a database may refuse to compare anything else
            async with self._db.snapshot() as tx:
                found = await store.find(tx, sending_id)
        if found is None:
            raise SendingUnknown
        return found

    async def _shown(self, account: Account, sending_id: str) -> tuple[Sending, bool]:
        """What may be shown, and whether to its sender.  Raises SendingUnknown."""
        sending, who, now = await self._find(sending_id), account.practitioner_id, self._clock.now()
        is_own = sending.is_shown_to_sender(who, now)
        if not is_own and not sending.is_open_to(who, now):
            raise SendingUnknown
        return sending, is_own

    async def _way(self, reached: Reached, size_bytes: int) -> Way:
        """Raises RecipientNoMember for who could not open the page."""
        address, large = reached.mailbox.address, self.rules.large_mail_domains
        room_bytes = await self._outbox.room_for(str(address), LARGE_MAIL_BYTES)
        way = choose_way(reached.reader.entry.formats, address.domain, large, size_bytes, room_bytes)
        if way is Way.LINK and not reached.is_member:
            raise RecipientNoMember
        return way

    async def _compose(self, sender: Practitioner, reached: Reached, sent: Sending) -> tuple[OutboundMail, int]:
        async with self._db.snapshot() as tx:
            sealed = await store.find_words(tx, sent.id)
        words, now = await self._album.open_words(sent.id, sealed), self._clock.now().astimezone(self.rules.zone)
        envelope = Envelope(
            message_id=message_id_for("images", sent.id, self.rules.domain),
            platform=self._platform,
            sender=sender.display_name,
            author=sender.id,
            reply_to=mailbox_of(sender),
            to=reached.mailbox,
            recipient=reached.chosen.display_name,
            successor=reached.reader.display_name if reached.is_redirected else "",
            reference=f"IM{sent.id[-8:].upper()}",
        )
        if sent.way is Way.ATTACHED:
            images = [await self._album.read(sent.id, rank) for rank in range(1, sent.images + 1)]
            return compose_attached_mail(envelope, words, images, now), LARGE_MAIL_BYTES
        until = sent.expires_at.astimezone(self.rules.zone).strftime("%d/%m/%Y")
        page = f"{self.rules.pages}/{sent.id}"
        return compose_link_mail(envelope, words, sent.images, page, until, now), OUTBOUND_LIMIT_BYTES

    async def _note(self, account: Account, act: str, sending_id: str) -> None:
        """Its reader looked: for the sender, and in the access log."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            await store.insert_opening(tx, new_row_id(now, self._random_bytes), sending_id, now)
            self._record(account, act, sending_id, "", tx)

    def _record(self, account: Account, act: str, sending_id: str, detail: str, tx: Transaction) -> None:
        subject = Subject("images", sending_id)
        self._audit.append(tx, actor=account.uid.hex(), act=act, subject=subject, detail=detail)

    async def _practitioner(self, account: Account) -> Practitioner:
        return await self._correspondents.practitioners.get(account.practitioner_id)
