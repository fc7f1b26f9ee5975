"""Writing a link down: countersigned by the operator, put at the end of its chain, told to everybody.  protocol §3

The one way by which a chain grows, whichever door the link came through: a code, another device, the recovery key.
What else changes with it (user keys, the vault, a code that is used up) is up to the caller, in the same transaction.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.chat.conversations.store import mark_for_rekey
from miss.chat.devices import store
from miss.chat.devices.errors import StaleLink
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import AnyNotice, Linked
from miss.chat.push import store as push_store
from miss.directory.accounts import Account, Accounts, Act
from miss.directory.practitioners import Practitioners
from miss.directory.signer import Signer
from miss.protocol.crypto.chains import Chain, apply_link
from miss.protocol.crypto.links import PAPER, Link, Op, parse_link
from miss.storage import Database, Transaction

Announce = Callable[[int, tuple[AnyNotice, ...]], Awaitable[None]]
"""Tell every process what was committed: the number it was written down under, and the notices."""
FindChain = Callable[[AccountId], Awaitable[Chain | None]]

_ACTS: Mapping[Op, Act] = MappingProxyType(
    {
        Op.GENESIS: Act.DEVICE_LINKED,
        Op.ADD: Act.DEVICE_LINKED,
        Op.REVOKE: Act.DEVICE_REVOKED,
        Op.UEK: Act.USER_KEY_CHANGED,
        Op.RECOVER: Act.DEVICE_RECOVERED,
        Op.RESET: Act.IDENTITY_RESET,
    }
)


@dataclass(frozen=True, slots=True)
class Attested:
    """A link the operator has signed, and the chain as it stands with it."""

    link: Link
    after: Chain

    @property
    def uid(self) -> AccountId:
        return self.after.uid


@dataclass(frozen=True, slots=True)
class Written:
    """What to announce once the transaction is committed."""

    number: int
    notices: tuple[AnyNotice, ...]


class Ledger:
    """Appends to chains."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        accounts: Accounts,
        practitioners: Practitioners,
        signer: Signer,
        *,
        find_chain: FindChain,
        origin: bytes,
        announce: Announce,
    ) -> None:
        """`origin`: this process, in notices."""
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._practitioners = practitioners
        self._signer = signer
        self._find_chain = find_chain
        self._origin = origin
        self._announce = announce

    async def attest(self, link: Link, account: Account) -> Attested:
        """`link`, once it follows the account's chain and names whom the directory knows.

        Raises StaleLink if the chain has grown since the link was made, a LinkError, what `Signer.countersign` raises.
        """
        chain = await self._find_chain(account.uid)
        if chain is not None and link.core.uid == account.uid and 1 < link.core.seq <= chain.seq:
            raise StaleLink(uid=account.uid.hex())
        after = apply_link(chain, link)
        practitioner = await self._practitioners.get(account.practitioner_id)
        return Attested(self._signer.countersign(link, account, practitioner), after)

    async def find_repeated(self, link: Link, uid: AccountId) -> bytes | None:
        """The stored link, if this very one (the operator's signature apart) was accepted before from `uid`."""
        async with self._db.snapshot() as tx:
            stored = await store.find_link(tx, uid, link.core.seq)
        if stored is None:
            return None
        known = parse_link(stored)
        same = (known.core_bytes, known.by_sig, known.new_sig) == (link.core_bytes, link.by_sig, link.new_sig)
        return stored if same else None

    async def append(self, tx: Transaction, attested: Attested, *, name: str = "", detail: str = "") -> Written:
        """Put the link at the end of its chain, and its device among those that count or no longer do.

        `name`: of the device that enters; `detail`: for the account's story, after the device.  Raises StaleLink,
        DeviceKnown.
        """
        link, now = attested.link, self._clock.now()
        core = link.core
        # The story first: it holds the account, which everybody takes before a chain.
        act = Act.RECOVERY_MADE if core.proof.method == PAPER else _ACTS[core.op]
        by = link.by.hex() if link.by else core.uid.hex()
        await self._accounts.record(tx, act, uid=attested.uid, by=by, detail=f"{core.did.hex()} {detail}".rstrip())
        await store.append_link(tx, link, now)
        await self._change_devices(tx, link, name, now)
        if core.op in (Op.REVOKE, Op.UEK, Op.RESET):
            await mark_for_rekey(tx, attested.uid)
        notices = (Linked(attested.uid, core.seq),)
        return Written(await notice_store.append(tx, self._origin, notices, now), notices)

    async def _change_devices(self, tx: Transaction, link: Link, name: str, now: datetime) -> None:
        core = link.core
        if core.op is Op.RESET:
            await store.revoke_all(tx, core.uid, now)
            await push_store.delete_of(tx, core.uid)
        if core.op is Op.REVOKE:
            await store.revoke_device(tx, core.did, now)
            await push_store.delete_device(tx, core.did)
        if core.ik is not None:
            await store.add_device(tx, link, core.ik, name, now)

    async def announce(self, written: Written) -> None:
        """Tell everybody, after the commit."""
        await self._announce(written.number, written.notices)
