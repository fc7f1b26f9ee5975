"""Making a recovery key, trying it out, coming back with it.  protocol §3, §5

Coming back takes two things: a ticket that the account's own pages gave to the person who signed in there, and the
recovery key, which the server has never seen open.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from miss.base.clock import Clock, to_ms
from miss.base.ids import AccountId
from miss.chat.devices import store as device_store
from miss.chat.devices.ledger import Ledger
from miss.chat.devices.model import LinkedDevice, require_name, require_op
from miss.chat.recovery import store
from miss.chat.recovery.errors import RecoveryExists, RecoveryNone, RecoveryTestRefused
from miss.chat.recovery.model import RecoveryKey, Reopened
from miss.chat.vault import store as vault_store
from miss.chat.vault.model import DeviceBox, require_box, require_boxes
from miss.directory.accounts import Accounts, Act, ActivationPurpose
from miss.directory.signer import Signer
from miss.protocol.crypto.links import PAPER, Op, parse_link
from miss.protocol.crypto.recovery import verify_recovery_test
from miss.protocol.crypto.wraps import parse_wraps
from miss.protocol.errors import LinkNotAllowed
from miss.storage import Database

TEST_TOLERANCE = timedelta(minutes=2)
RECOVERY = ActivationPurpose.RECOVERY


class Recovery:
    """The service of this room."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, signer: Signer, ledger: Ledger) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._signer = signer
        self._ledger = ledger

    # With a device at hand

    async def find(self, uid: AccountId) -> RecoveryKey | None:
        """This person's recovery key."""
        async with self._db.snapshot() as tx:
            return await store.find(tx, uid)

    async def enrol(
        self, by: LinkedDevice, data: bytes, boxes: Sequence[DeviceBox], wraps: Sequence[bytes], name: str = ""
    ) -> bytes:
        """Let the recovery key in as a device on paper, with the user key sealed to it; the countersigned link.

        The same call again returns the same link.  Raises a LinkError, what `Signer.countersign` raises, StaleLink,
        DeviceKnown, BadWrap, WrapTooCostly, BoxSizeRefused, BoxesIncomplete, RecoveryExists.
        """
        link = parse_link(data)
        require_op(link, frozenset({Op.ADD}))
        if link.core.proof.method != PAPER or link.by != by.did:
            raise LinkNotAllowed(rule="way_in", op=link.core.op.value, seq=link.core.seq)
        if (stored := await self._ledger.find_repeated(link, by.uid)) is not None:
            return stored
        parse_wraps(wraps)
        require_boxes([link.core.did], boxes)
        if await self.find(by.uid) is not None:
            raise RecoveryExists
        attested = await self._ledger.attest(link, await self._accounts.get(by.uid))
        async with self._db.transaction() as tx:
            written = await self._ledger.append(tx, attested, name=require_name(name) if name else "")
            await vault_store.put_box(tx, by.uid, link.core.uek_gen, boxes[0])
            await store.add(tx, by.uid, link.core.did, wraps)
        await self._ledger.announce(written)
        return attested.link.to_bytes()

    async def replace_wraps(self, by: LinkedDevice, wraps: Sequence[bytes]) -> None:
        """Close the living recovery key in other ways; it counts as untested.

        Raises BadWrap, WrapTooCostly, RecoveryNone.
        """
        parse_wraps(wraps)
        async with self._db.transaction() as tx:
            await self._accounts.record(tx, Act.RECOVERY_CHANGED, uid=by.uid, by=by.did.hex())
            if not await store.replace_wraps(tx, by.uid, wraps):
                raise RecoveryNone

    async def note_tested(self, by: LinkedDevice, ts_ms: int, signature: bytes) -> datetime:
        """The recovery key was opened just now, which its signature proves; when that is written down.

        Raises RecoveryNone, RecoveryTestRefused.
        """
        now = self._clock.now()
        async with self._db.transaction() as tx:
            key = await store.find(tx, by.uid)
            paper = await device_store.find_device(tx, key.paper) if key is not None else None
            if key is None or paper is None:
                raise RecoveryNone
            is_now = abs(to_ms(now) - ts_ms) <= TEST_TOLERANCE / timedelta(milliseconds=1)
            if not is_now or not verify_recovery_test(paper.ik, paper.did, ts_ms, signature):
                raise RecoveryTestRefused
            await self._accounts.record(tx, Act.RECOVERY_TESTED, uid=by.uid, by=by.did.hex())
            if not await store.note_tested(tx, by.uid, key.paper, now):
                raise RecoveryNone
        return now

    # With a ticket and the recovery key

    async def open(self, rpps: str, code: str) -> Reopened:
        """What the recovery key needs to let a device in; uses nothing up.

        Raises as `Accounts.check_activation`, and RecoveryNone.
        """
        account = await self._accounts.check_activation(rpps, code, RECOVERY)
        async with self._db.snapshot() as tx:
            key = await store.find(tx, account.uid)
            box = await vault_store.find_box(tx, key.paper) if key is not None else None
            links = await device_store.list_links(tx, account.uid)
        if key is None or box is None:
            raise RecoveryNone
        return Reopened(
            account.uid, self._signer.root_public, self._signer.opcerts, tuple(links), key.wraps, box[0], box[1]
        )

    async def recover(self, rpps: str, code: str, data: bytes, box: bytes, name: str) -> bytes:
        """Let a device in that the recovery key vouches for; the ticket is used up; the countersigned link.

        `box`: the user key, sealed to the new device.  The same call again returns the same link.  Raises as
        `Accounts.check_activation`, a LinkError, what `Signer.countersign` raises, StaleLink, DeviceKnown,
        DeviceNameRefused, BoxSizeRefused.
        """
        link = parse_link(data)
        require_op(link, frozenset({Op.RECOVER}))
        name = require_name(name)
        require_box(box)
        known = await self._accounts.find_by_rpps(rpps)
        if known is not None and (stored := await self._ledger.find_repeated(link, known.uid)) is not None:
            return stored
        account = await self._accounts.check_activation(rpps, code, RECOVERY)
        attested = await self._ledger.attest(link, account)
        async with self._db.transaction() as tx:
            await self._accounts.consume_activation(tx, account.uid, RECOVERY, code)
            written = await self._ledger.append(tx, attested, name=name)
            await vault_store.put_box(tx, account.uid, link.core.uek_gen, (link.core.did, box))
        await self._ledger.announce(written)
        return attested.link.to_bytes()
