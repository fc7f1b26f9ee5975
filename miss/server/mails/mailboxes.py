"""Where the platform writes to somebody of the directory."""

import structlog

from miss.directory.practitioners import Practitioner
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed

log = structlog.get_logger("miss.server")


def find_mailbox(practitioner: Practitioner) -> Mailbox | None:
    """The person's mailbox that can be written to, the one their entry names first; None: there is none."""
    for address in practitioner.letterboxes:
        try:
            return Mailbox(parse_address(address))
        except AddressMalformed:
            # The directory's own fault: the next one may do.
            log.warning("directory.address_malformed", practitioner=practitioner.id)
    return None
