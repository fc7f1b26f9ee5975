"""The receipt « processed », for who asked for one: queued in the transaction that says so (RFC 8098)."""

from miss.mail.addresses import Mailbox, parse_address
from miss.mail.headers import parse_headers
from miss.mail.inbound.store import Waiting
from miss.mail.outbound import Outbox
from miss.mail.outbound.model import ReportKind
from miss.mail.trace.receipts import receipt_for
from miss.storage import Transaction


class Receipts:
    """Queues them."""

    def __init__(self, outbox: Outbox, domain: str) -> None:
        """`domain`: of the platform's own addresses."""
        self._outbox = outbox
        self._domain = domain

    async def send(self, tx: Transaction, mail: Waiting, content: bytes) -> None:
        """Nothing if none was asked for, or may be sent."""
        own = Mailbox(parse_address(mail.recipient), "MiSS")
        receipt = receipt_for(parse_headers(content), mail.sender, own, ReportKind.PROCESSED, self._domain)
        if receipt is not None:
            await self._outbox.enqueue(tx, receipt, about=f"receipt:{mail.id}")
