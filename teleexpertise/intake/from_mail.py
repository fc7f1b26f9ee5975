"""Requests by secure mail: what a mail to the platform's one address is, and who deals with it.

A template asked for, a new request, what was missing in a draft, a word on a request under way, an expert's reply: told
apart by subject, thread and sender.  Everything is answered at most once, on its own thread; the listener has refused
what may not be answered before it comes here (`miss.mail.rules`).
"""

from collections.abc import Collection
from dataclasses import replace
from hashlib import blake2b

import structlog

from miss.base.ids import MailId, PractitionerId, RequestId
from miss.directory.practitioners import Practitioner
from miss.mail.addresses import MailAddress
from miss.mail.inbound import InboundMail
from miss.mail.outbound import OutboundMail
from teleexpertise.intake.askers import ASKER_LINE, Askers, take_asker
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.mail_reading import asked_template, attached_files, names_form, own_words, read_mail
from teleexpertise.intake.service import Intake, Submission
from teleexpertise.letters import to_requester, to_team
from teleexpertise.letters.envelope import Correspondent, Thread
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.questionnaire.render import mail_template
from teleexpertise.requests import store
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.errors import StateForbids, SubmissionDiffers
from teleexpertise.requests.model import ExpertiseRequest, State
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.routing import Routing
from teleexpertise.requests.routing.wishes import take_wish
from teleexpertise.requests.service import Requests

log = structlog.get_logger("teleexpertise.mail")


class MailRequests:
    """The intake of the platform's address (`miss.mail.inbound.MailIntake`)."""

    def __init__(self, parts: Parts, intake: Intake, requests: Requests) -> None:
        self._parts = parts
        self._intake = intake
        self._requests = requests
        self._askers = Askers(parts)

    @property
    def address(self) -> MailAddress:
        """The one address that takes every request."""
        return self._parts.platform.mailbox.address

    async def find_readers(self, mail: InboundMail) -> Collection[PractitionerId]:
        """The expert whom it asks for by name (« Expert souhaité : … »); otherwise it is for whoever's turn it is."""
        if not take_wish(own_words(mail))[0]:
            return ()
        reading = read_mail(mail, self._parts.registry, None, self._parts.clock.now())
        if reading.form is None:
            return ()
        wished = await Routing(self._parts).find_wished(reading.form.id, reading.wish)
        return (wished,) if wished else ()

    async def receive(self, mail: InboundMail, sender: Practitioner, mail_id: MailId) -> None:
        """Deal with one mail of a verified practitioner.  May run again after a crash with the same `mail_id`."""
        thread = Thread(
            message_id=mail.message_id,
            references=mail.references,
            subject=mail.subject,
            mailbox=str(mail.sender.address),
        )
        wanted = asked_template(mail)
        if wanted is not None and not names_form(mail):
            await self._send_template(wanted, sender, thread, mail_id)
            return
        known = await self._find_request(mail)
        if known is None or not (sender.id in {known.requester, known.holder} or await self._follows(sender, known)):
            await self._take(mail, sender, thread, mail_id, None)
        elif sender.id == known.requester and known.state is State.DRAFT:
            await self._take(mail, sender, thread, mail_id, known)
        elif names_form(mail):
            await self._take(mail, sender, thread, mail_id, None)
        elif sender.id != known.holder:
            await self._add(mail, sender, thread, mail_id, known)
        else:
            await self._point_to_page(sender, thread, mail_id, known)

    async def _follows(self, sender: Practitioner, known: ExpertiseRequest) -> bool:
        """Whether they answer in the place of a requester who has left and whose mail they get; not for a draft."""
        redirection = await self._parts.retirements.redirection_of(known.requester)
        return redirection is not None and redirection.to == sender.id and known.state is not State.DRAFT

    async def _find_request(self, mail: InboundMail) -> ExpertiseRequest | None:
        """The request whose thread this mail continues; its own Message-ID comes last: a repetition, or a new one."""
        named = [*mail.references, mail.in_reply_to] if mail.in_reply_to else list(mail.references)
        async with self._parts.db.snapshot() as tx:
            request_id = await store.find_by_thread(tx, named)
            return (await store.get(tx, request_id)).request if request_id else None

    async def _take(
        self,
        mail: InboundMail,
        sender: Practitioner,
        thread: Thread,
        mail_id: MailId,
        draft: ExpertiseRequest | None,
    ) -> None:
        known_form = self._parts.registry.find(draft.canonical) if draft else None
        said, text = take_asker(mail.text) if sender.is_organization else ("", mail.text)
        reading = read_mail(replace(mail, text=text), self._parts.registry, known_form, self._parts.clock.now())
        asker, asker_problem = None, None
        if sender.is_organization:
            asker, asker_problem = await self._askers.name(sender, said, reading.header_sender)
        arrived = Arrived(
            form=reading.form,
            answers=reading.answers,
            answered_at=reading.answered_at,
            address=reading.address,
            problems=reading.problems,
            header_problem=reading.header_problem,
            free_text=reading.free_text,
            thread=thread,
            wish=reading.wish or None,
            asker=asker,
            asker_problem=asker_problem,
        )
        submission = Submission(
            source=mail_id,
            key=mail.message_id,
            digest=_digest(mail),
            requester=sender,
            arrived=arrived,
            files=reading.files,
            draft=draft.id if draft else None,
        )
        try:
            await self._intake.take(submission)
        except SubmissionDiffers:
            # Kept beside, flagged, and the sender was told: nothing is left to do.
            return
        except StateForbids:
            if draft is None:
                raise
            # The draft was completed on the page while this mail was on its way: it is a word on the request.
            async with self._parts.db.snapshot() as tx:
                request = (await store.get(tx, draft.id)).request
            await self._add(mail, sender, thread, mail_id, request)

    async def _add(
        self, mail: InboundMail, sender: Practitioner, thread: Thread, mail_id: MailId, request: ExpertiseRequest
    ) -> None:
        through, text = (None if sender.id == request.requester else sender.id), own_words(mail)
        if sender.is_organization:
            # Without a name it is the establishment's own word: nobody is said to have written what others did.
            said, rest = take_asker(text)
            through = await self._askers.find(sender, said)
            text = rest if through else text
        word = Word(source=mail_id, author=request.requester, text=text, files=attached_files(mail), through=through)
        try:
            await self._requests.add(request.id, word)
        except StateForbids:
            to = Correspondent(name=sender.display_name, mailbox=thread.mailbox)
            closed = to_requester.closed(self._parts.platform, to, thread, number=request.number, reference=mail_id)
            await self._post(closed, request.id)

    async def _point_to_page(
        self, sender: Practitioner, thread: Thread, mail_id: MailId, request: ExpertiseRequest
    ) -> None:
        to = Correspondent(name=sender.display_name, mailbox=thread.mailbox)
        mail = to_team.use_the_page(self._parts.platform, to, thread, number=request.number, reference=mail_id)
        await self._post(mail, request.id)

    async def _send_template(self, wanted: str, sender: Practitioner, thread: Thread, mail_id: MailId) -> None:
        parts = self._parts
        to = Correspondent(name=sender.display_name, mailbox=thread.mailbox)
        form: Questionnaire | None = parts.registry.named(wanted) if wanted else None
        if form is None:
            forms = [known.id for known in parts.registry.specialties()]
            mail = to_requester.known_forms(parts.platform, to, thread, reference=mail_id, forms=forms)
        else:
            text = mail_template(form)
            mail = to_requester.template(
                parts.platform,
                to,
                thread,
                reference=mail_id,
                form_title=form.title.fr,
                template_text=f"{ASKER_LINE}\n{text}" if sender.is_organization else text,
            )
        async with parts.db.transaction() as tx:
            await parts.outbox.enqueue(tx, mail, about=f"mail:{mail_id}")
        parts.jobs.wake()
        log.info("template.sent", mail=mail_id, form=form.id if form else "")

    async def _post(self, mail: OutboundMail, request_id: RequestId) -> None:
        async with self._parts.db.transaction() as tx:
            await self._parts.post(tx, mail, request_id)
        self._parts.jobs.wake()


def _digest(mail: InboundMail) -> bytes:
    """Of everything a mail says and brings; each part with its length, so that no two mails run together."""
    digest = blake2b(digest_size=32)
    parts = [mail.subject.encode(), mail.text.encode("utf-8", "replace")]
    for attachment in mail.attachments:
        parts += [attachment.name.encode("utf-8", "replace"), attachment.content]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
