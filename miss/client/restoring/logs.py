"""How far the server's log and ours are the same, by the receipts that the server signs; the rest is kept apart.  §5

A log is a chain of hashes: where it is the same at one place it is the same at every place before.
"""

from typing import Final

from miss.base.ids import ConversationId
from miss.client.api import ServerApi
from miss.client.errors import RollbackNotCovered, ServerRefused
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.opcert import Purpose, verify_opcerts
from miss.protocol.crypto.receipts import parse_receipt, verify_receipt
from miss.protocol.errors import ReceiptForged

NOT_FOUND: Final = "not_found"


class LogComparison:
    """Of one device's logs with the server's."""

    def __init__(self, store: Store, device: DeviceRecord, api: ServerApi) -> None:
        self._store = store
        self._device = device
        self._api = api

    async def find_common(self, cid: ConversationId, last_seq: int, since_ms: int) -> int:
        """The last place at which both logs are the same; `last_seq`: where the server's ends.

        What the server took before `since_ms` it has to have still: that is not asked.  Raises RollbackNotCovered if
        its log ends before, ReceiptForged, OpCertRefused, ServerRefused, ServerUnreachable.
        """
        certain = self._store.messages.last_before(cid, since_ms)
        if last_seq < certain:
            raise RollbackNotCovered(last_seq=last_seq, held=certain)
        doubtful = [place for place in self._store.messages.taken_since(cid, since_ms, last_seq) if place[0] > certain]
        low, high = 0, len(doubtful)
        if high and await self._is_same(cid, doubtful[-1][0]):
            return doubtful[-1][0]
        while low < high:
            middle = (low + high) // 2
            if await self._is_same(cid, doubtful[middle][0]):
                low = middle + 1
            else:
                high = middle
        return doubtful[low - 1][0] if low else certain

    async def _is_same(self, cid: ConversationId, seq: int) -> bool:
        try:
            answer = await self._api.fetch_receipt(cid, seq)
        except ServerRefused as refused:
            if refused.server_code == NOT_FOUND:
                return False
            raise
        receipt = parse_receipt(answer.receipt)
        leaf = receipt.leaf
        certs = verify_opcerts(answer.opcerts, self._device.root)
        cert = next((one for one in certs if one.covers(Purpose.RECEIPT, leaf.server_ts)), None)
        if cert is None or (leaf.cid, leaf.seq) != (cid, seq):
            raise ReceiptForged(seq=seq)
        verify_receipt(receipt, cert)
        log = self._store.messages.log_at(cid, seq)
        if log is not None:
            return log == leaf.log
        return self._store.messages.env_hash_at(cid, seq) == leaf.env_hash
