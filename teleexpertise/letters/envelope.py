"""What every mail of a request shares: who sends it, on which thread, under which subject and Message-ID."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from miss.documents.oids import derived_root
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.headers import has_control
from miss.mail.outbound.model import AutoSubmitted, OutboundMail, message_id_for

SUBJECT_CHARS = 180
PARIS = ZoneInfo("Europe/Paris")

SIGNATURE = "L’équipe de la téléexpertise MiSS\nRépondez simplement à ce message : il arrive dans une boîte relevée."


@dataclass(frozen=True, slots=True)
class Platform:
    """The service as its correspondents see it."""

    mailbox: Mailbox
    """The one address that takes every request."""
    public_url: str
    """Scheme and host of the pages, without a final slash."""
    oid_root: str = ""
    """The operator's OID, under which documents are known; empty: one that follows from the address of the pages."""
    product: str = ""
    """The software's reference at Convergence (MSSanté, `X-MSS-NIL`); empty: none."""

    @property
    def domain(self) -> str:
        return self.mailbox.address.domain

    @property
    def root(self) -> str:
        """The OID of this platform."""
        return self.oid_root or derived_root(self.public_url)

    def link(self, path: str) -> str:
        """The address of a page."""
        return f"{self.public_url}{path}"

    def page_of(self, number: str) -> str:
        """The address of a request's page."""
        return self.link(f"/teleexpertise/demandes/{number}")

    def message_id(self, kind: str, reference: str) -> str:
        """The Message-ID of a mail of ours: the same however often it is composed."""
        return message_id_for(kind, reference, self.domain)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Thread:
    """The mail that brought a request, so that everything said later arrives under it."""

    message_id: str
    references: tuple[str, ...] = ()
    subject: str = ""
    mailbox: str = ""
    """The address it was sent from, and is answered to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Somebody who gets a mail."""

    name: str
    mailbox: str

    @property
    def box(self) -> Mailbox:
        """The mailbox with its owner's name."""
        return Mailbox(parse_address(self.mailbox, "mailbox"), _shown(self.name))


def on_thread(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    kind: str,
    label: str,
    text: str,
    auto: AutoSubmitted | None,
    reply_to: Mailbox | None = None,
) -> OutboundMail:
    """A mail of request `number` to `to`, under the mail that brought the request if there is one.

    `kind` makes its Message-ID, once per request; `label` says in the subject what it brings.
    """
    return OutboundMail(
        message_id=platform.message_id(kind, number),
        sender=platform.mailbox,
        to=to.box,
        subject=_subject(thread, number, label),
        text=text,
        reply_to=reply_to,
        in_reply_to=thread.message_id if thread else "",
        references=(*thread.references, thread.message_id) if thread else (),
        auto_submitted=auto,
    )


def say(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *blocks: str,
    number: str,
    kind: str,
    label: str,
    auto: AutoSubmitted = AutoSubmitted.GENERATED,
) -> OutboundMail:
    """`on_thread` with these paragraphs between a greeting and the signature; empty ones are left out."""
    text = paragraphs(greeting(to), *blocks, SIGNATURE)
    return on_thread(platform, to, thread, number=number, kind=kind, label=label, text=text, auto=auto)


def moment(instant: datetime) -> str:
    """`vendredi 20/11/2026 à 10:00`, on French clocks."""
    local = instant.astimezone(PARIS)
    days = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
    return f"{days[local.weekday()]} {local:%d/%m/%Y} à {local:%H:%M}"


def greeting(to: Correspondent) -> str:
    """The first line of a notice."""
    return f"Bonjour {to.name}," if to.name else "Bonjour,"


def paragraphs(*blocks: str) -> str:
    """Blocks apart by a blank line; empty ones are left out."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def _subject(thread: Thread | None, number: str, label: str) -> str:
    """Under the sender's own subject, so that software that threads by subject finds it too."""
    ours = f"{number} : {label}"
    if thread is None or not thread.subject:
        return f"Téléexpertise {ours}"
    bare = thread.subject
    while bare[:3].lower() == "re:":
        bare = bare[3:].lstrip()
    room = SUBJECT_CHARS - len(ours)
    return f"Re: {bare if len(bare) <= room else bare[: room - 1].rstrip() + '…'} – {ours}"


def _shown(name: str) -> str:
    """A name from the register, as a display name may hold it."""
    return "".join(char for char in name if char not in "@<>" and not has_control(char)).strip()
