"""Which reports count.  Pure.

Anybody may send us a report, and our Message-IDs can be guessed.  A report counts if it says that it comes from nobody
or from the recipient's side, names the recipient we wrote to, and comes from who can know: it bears the ENVID, which
only those who carried the mail have seen (74 random bits), or speaks from the recipient's domain, or from our relay.
"""

from collections.abc import Collection

from miss.mail.addresses import parse_mailbox
from miss.mail.errors import AddressMalformed, DisplayNameMisleading
from miss.mail.headers import Headers, values_of
from miss.mail.trace.model import Mailed
from miss.mail.trace.reports import DeliveryReport, DispositionReport, RecipientStatus


def find_status(report: DeliveryReport, mailed: Mailed) -> RecipientStatus | None:
    """What a delivery report says of the one recipient of a mail; None: nothing."""
    for status in report.recipients:
        if mailed.recipient in (status.original_recipient, status.recipient):
            return status
    return None


def is_believed(
    report: DeliveryReport | DispositionReport,
    mailed: Mailed,
    headers: Headers,
    mail_from: str,
    own_hosts: Collection[str],
) -> bool:
    """Whether a report about `mailed` counts.

    `headers`: of the report; `mail_from`: its envelope sender; `own_hosts`: our domain and our relays'.
    """
    sent_by, envelope = _domain_shown(headers), mail_from.strip("<>").rpartition("@")[2].lower()
    theirs = mailed.recipient.rpartition("@")[2]
    if isinstance(report, DispositionReport):
        is_theirs = mailed.recipient in (report.recipient, report.original_recipient)
        return is_theirs and _is_of(sent_by, theirs) and (not envelope or _is_of(envelope, theirs))
    if envelope or find_status(report, mailed) is None:
        return False  # RFC 3464 §2: a report about delivery is sent from nobody
    hosts = (sent_by, report.reporter.lower())
    is_near = any(_is_of(host, house) for host in hosts for house in (theirs, *own_hosts))
    return report.envelope_id == mailed.id or is_near


def _is_of(host: str, house: str) -> bool:
    """Whether a host or domain is `house`, or under it."""
    return bool(house) and (host == house or host.endswith(f".{house}"))


def _domain_shown(headers: Headers) -> str:
    """Of the one From; empty if there is none that can be read."""
    from_values = values_of(headers, "From")
    if len(from_values) != 1:
        return ""
    try:
        return parse_mailbox(from_values[0]).address.domain
    except (AddressMalformed, DisplayNameMisleading):
        return ""
