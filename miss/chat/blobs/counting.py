"""For which establishment a blob counts: its uploader's, from the first byte announced until the bytes are gone.

What is counted is the ciphertext as it lies here, once, however many envelopes name it.
"""

from collections.abc import Collection

from miss.base.ids import AccountId, BlobId, OrganizationId
from miss.chat.blobs.errors import BlobsFull
from miss.chat.blobs.model import blob_name
from miss.directory.accounts import Accounts
from miss.directory.establishments.quotas import Allowances, EstablishmentStorageFull
from miss.storage import Transaction


class Counting:
    """Asks the establishments' allowances."""

    def __init__(self, accounts: Accounts, allowances: Allowances) -> None:
        self._accounts = accounts
        self._allowances = allowances

    async def establishment_of(self, uploader: AccountId) -> OrganizationId | None:
        """None: their blobs count for nobody."""
        return await self._allowances.establishment_of((await self._accounts.get(uploader)).practitioner_id)

    async def keep(self, tx: Transaction, payer: OrganizationId | None, blob: BlobId, size_bytes: int) -> None:
        """Raises BlobsFull."""
        try:
            await self._allowances.keep(tx, payer, blob_name(blob), size_bytes)
        except EstablishmentStorageFull:
            raise BlobsFull from None

    async def release(self, tx: Transaction, blobs: Collection[BlobId]) -> None:
        """Their bytes are gone."""
        await self._allowances.release(tx, [blob_name(blob) for blob in blobs])
