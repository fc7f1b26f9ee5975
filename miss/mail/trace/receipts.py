"""Our own receipt, to who asked for one: « processed », once the platform has taken their mail in.  Pure.

RFC 8098 §2.1: never without being asked, never to anybody but the sender, never for what a program or a list wrote.
Source: RFC 8098, MSSanté ECO.3.1.6.
"""

from hashlib import sha256
from typing import Final

from miss.base.text import Language, Text
from miss.mail.addresses import Mailbox, parse_mailbox
from miss.mail.errors import AddressMalformed, DisplayNameMisleading
from miss.mail.headers import Headers, value_of, values_of
from miss.mail.outbound.model import AutoSubmitted, OutboundMail, ReceiptReport, ReportKind, message_id_for
from miss.mail.rules import Envelope, automatic_sign
from miss.mail.trace.reports import find_message_id

_SUBJECT: Final = {
    ReportKind.DISPLAYED: Text(fr="Accusé de lecture", en="Read receipt"),
    ReportKind.PROCESSED: Text(fr="Accusé de prise en charge", en="Receipt"),
}
_BODY: Final = {
    ReportKind.DISPLAYED: Text(
        fr="Le message envoyé à {address} a été affiché.", en="The message sent to {address} was displayed."
    ),
    ReportKind.PROCESSED: Text(
        fr="Le message envoyé à {address} a été pris en charge par la plateforme.",
        en="The message sent to {address} was taken in by the platform.",
    ),
}


def receipt_for(
    headers: Headers, envelope_from: str, own: Mailbox, kind: ReportKind, domain: str
) -> OutboundMail | None:
    """The receipt for a mail that came to `own`; None: none is allowed.

    `headers`, `envelope_from`: of the mail that came; `domain`: of the platform.  Its Message-ID is made from theirs:
    the same mail has one receipt of a kind, however often it comes.
    """
    to = _asked_by(headers, envelope_from)
    if to is None:
        return None
    original_id = find_message_id(value_of(headers, "Message-ID"))
    address = str(own.address)
    told = _BODY[kind]
    digest = sha256(f"{original_id} {to.address} {own.address}".encode()).hexdigest()[:32]
    return OutboundMail(
        message_id=message_id_for(f"receipt-{kind}", digest, domain),
        sender=own,
        to=to,
        subject=_SUBJECT[kind].in_(Language.FR),
        text=f"{told.in_(Language.FR, address=address)}\n\n{told.in_(Language.EN, address=address)}\n",
        in_reply_to=original_id,
        references=(original_id,) if original_id else (),
        auto_submitted=AutoSubmitted.REPLIED,
        report=ReceiptReport(
            kind=kind, reporting_ua=f"{domain}; MiSS", original_recipient=address, original_message_id=original_id
        ),
    )


def _asked_by(headers: Headers, envelope_from: str) -> Mailbox | None:
    """Who is to have the receipt: the sender, if they asked for it themselves."""
    asked = values_of(headers, "Disposition-Notification-To")
    senders = values_of(headers, "From")
    if len(asked) != 1 or len(senders) != 1 or automatic_sign(Envelope(envelope_from, (), 0), headers):
        return None
    if any(name.lower().startswith("list-") or name.lower() == "precedence" for name, _ in headers):
        return None
    try:
        to, sender = parse_mailbox(asked[0], "Disposition-Notification-To"), parse_mailbox(senders[0])
    except (AddressMalformed, DisplayNameMisleading):
        return None
    if to.address != sender.address or str(to.address) != envelope_from.strip("<>").lower():
        return None
    return Mailbox(to.address)
