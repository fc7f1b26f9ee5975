"""Linking, chains and authentication.  protocol §3, §7

Chains are verified once per process and kept, so that a commit of a care team costs a comparison of heads and not
fifty signatures.  Nothing here sends a frame: what changed is handed to `announce` after the commit.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from miss.base.clock import Clock, to_ms
from miss.base.errors import NotFound
from miss.base.ids import AccountId, DeviceId
from miss.chat.conversations.store import mark_for_rekey
from miss.chat.devices import store
from miss.chat.devices.errors import AuthRefused, DeviceRevoked, TokenRefused
from miss.chat.devices.model import ENTERING, LEAVING, Activation, LinkedDevice, require_name, require_op
from miss.chat.devices.tokens import VALIDITY, compose_token, parse_token
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import AnyNotice, Linked
from miss.directory.accounts import Account, Accounts, ActivationPurpose
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.practitioners import Practitioners
from miss.directory.signer import Signer, who_of
from miss.protocol.crypto.auth import verify_auth
from miss.protocol.crypto.chains import Chain, apply_link, verify_chain
from miss.protocol.crypto.links import Link, Op, parse_link
from miss.protocol.crypto.primitives import hash_
from miss.protocol.errors import LinkNotAllowed
from miss.storage import Database, Transaction

Announce = Callable[[int, tuple[AnyNotice, ...]], Awaitable[None]]
"""Tell every process what was committed: the number it was written down under, and the notices."""

CACHED_CHAINS = 10_000
TOKEN_REQUEST_TOLERANCE = timedelta(minutes=2)


class Devices:
    """The service of this room."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        accounts: Accounts,
        practitioners: Practitioners,
        signer: Signer,
        *,
        host: str,
        origin: bytes,
        announce: Announce,
    ) -> None:
        """`host`: the name clients connect to, which their signatures cover.  `origin`: this process, in notices."""
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._practitioners = practitioners
        self._signer = signer
        self._host = host
        self._origin = origin
        self._announce = announce
        self._token_key = signer.secret_for("http-token")
        self._chains: OrderedDict[AccountId, Chain] = OrderedDict()

    # Linking

    async def activation(self, rpps: str, code: str) -> Activation:
        """What the client shows before it makes keys.  Raises as `Accounts.check_activation`."""
        account = await self._accounts.check_activation(rpps, code, ActivationPurpose.DEVICE)
        practitioner = await self._practitioners.get(account.practitioner_id)
        return Activation(account.uid, who_of(practitioner), self._signer.root_public, self._signer.opcerts)

    async def link(self, rpps: str, code: str, data: bytes, name: str) -> bytes:
        """Link a device: the code is consumed, the link countersigned and appended, in one transaction.

        The same call again, after a crash on either side, returns the same link.  Raises as
        `Accounts.check_activation`, a LinkError, what `Signer.countersign` raises, StaleLink, DeviceKnown,
        DeviceNameRefused.
        """
        link = parse_link(data)
        require_op(link, ENTERING)
        name = require_name(name)
        if (stored := await self._find_repeated(rpps, link)) is not None:
            return stored
        account = await self._accounts.check_activation(rpps, code, ActivationPurpose.DEVICE)
        signed = await self._countersign(link, account)
        now = self._clock.now()
        async with self._db.transaction() as tx:
            await self._accounts.consume_activation(tx, account.uid, ActivationPurpose.DEVICE, code)
            await store.append_link(tx, signed, now)
            if link.core.ik is None:
                raise LinkNotAllowed(rule="device_keys", seq=link.core.seq, op=link.core.op.value)
            await store.add_device(tx, signed, link.core.ik, name, now)
            number, notices = await self._write_down(tx, signed, now)
        await self._announce(number, notices)
        return signed.to_bytes()

    async def append(self, by: LinkedDevice, data: bytes) -> bytes:
        """Append a revocation or a new user key, signed by `by`; the countersigned link.

        Until user keys are handed on through the server, a change of user key is refused while another device
        would be left without it.  Raises a LinkError, what `Signer.countersign` raises, StaleLink.
        """
        link = parse_link(data)
        require_op(link, LEAVING)
        if link.by != by.did:
            raise LinkNotAllowed(rule="by_another", seq=link.core.seq, op=link.core.op.value)
        signed = await self._countersign(link, await self._accounts.get(by.uid))
        now = self._clock.now()
        async with self._db.transaction() as tx:
            if any(device.did not in (by.did, link.core.did) for device in await self._list_active(tx, by.uid)):
                raise LinkNotAllowed(rule="user_key_of_others", seq=link.core.seq, op=link.core.op.value)
            await store.append_link(tx, signed, now)
            if link.core.op is Op.REVOKE:
                await store.revoke_device(tx, link.core.did, now)
            await mark_for_rekey(tx, by.uid)
            number, notices = await self._write_down(tx, signed, now)
        await self._announce(number, notices)
        return signed.to_bytes()

    async def _find_repeated(self, rpps: str, link: Link) -> bytes | None:
        """The stored link, if this very one (the operator's signature apart) was accepted before."""
        async with self._db.snapshot() as tx:
            stored = await store.find_link_of(tx, link.core.did)
        if stored is None:
            return None
        known = parse_link(stored)
        account = await self._accounts.find_by_rpps(rpps)
        same_link = (known.core_bytes, known.new_sig) == (link.core_bytes, link.new_sig)
        return stored if same_link and account is not None and account.uid == known.core.uid else None

    async def _countersign(self, link: Link, account: Account) -> Link:
        """`link`, once it follows the chain and names whom the directory knows."""
        chain = await self.find_chain(account.uid)
        apply_link(chain, link)
        practitioner = await self._practitioners.get(account.practitioner_id)
        return self._signer.countersign(link, account, practitioner)

    async def _write_down(self, tx: Transaction, link: Link, now: datetime) -> tuple[int, tuple[AnyNotice, ...]]:
        notices = (Linked(AccountId(link.core.uid), link.core.seq),)
        return await notice_store.append(tx, self._origin, notices, now), notices

    async def _list_active(self, tx: Transaction, uid: AccountId) -> list[LinkedDevice]:
        return [device for device in await store.list_devices(tx, uid) if device.revoked_at is None]

    # Chains

    async def list_links(self, uid: AccountId) -> list[bytes]:
        """The chain as sent, oldest link first.  Raises NotFound for somebody without a device."""
        async with self._db.snapshot() as tx:
            links = await store.list_links(tx, uid)
        if not links:
            raise NotFound(uid=uid.hex())
        return list(links)

    async def linked_among(self, uids: Collection[AccountId]) -> frozenset[AccountId]:
        """Those of `uids` who have a chain, hence can be written to."""
        async with self._db.snapshot() as tx:
            return frozenset(await store.heads_of(tx, uids))

    async def find_chain(self, uid: AccountId) -> Chain | None:
        """The verified chain as it stands now; None for somebody without a device."""
        async with self._db.snapshot() as tx:
            return (await self.chains_in(tx, [uid])).get(uid)

    async def chains_in(self, tx: Transaction, uids: Collection[AccountId]) -> dict[AccountId, Chain]:
        """The verified chains of these people in the caller's snapshot; whoever has no device is absent."""
        heads = await store.heads_of(tx, uids)
        return {uid: await self._chain(tx, uid, head) for uid, head in heads.items()}

    async def _chain(self, tx: Transaction, uid: AccountId, head: bytes) -> Chain:
        chain = self._chains.get(uid)
        if chain is None or chain.head != head:
            links = [parse_link(link) for link in await store.list_links(tx, uid, chain.seq if chain else 0)]
            chain = verify_chain(links, self._signer.root_public, self._signer.opcerts, after=chain)
            self._chains[uid] = chain
            while len(self._chains) > CACHED_CHAINS:
                self._chains.popitem(last=False)
        self._chains.move_to_end(uid)
        return chain

    # Authentication

    async def authenticate(self, did: DeviceId, nonce: bytes, signature: bytes) -> LinkedDevice:
        """The device that signed this nonce for this host.  Raises AuthRefused, DeviceRevoked, AccountNotActive."""
        device = await self._find(did)
        if device is None or not verify_auth(device.ik, nonce, self._host, signature):
            raise AuthRefused
        return await self._require_counts(device)

    def issue_token(self, did: DeviceId) -> str:
        """An HTTP token for a device that has just authenticated."""
        return compose_token(self._token_key, did, self._clock.now())

    async def renew_token(self, did: DeviceId, ts_ms: int, signature: bytes) -> tuple[str, datetime]:
        """A token for a device that signs H("http-token", did ‖ ts) as it signs the nonce of a socket; its end.

        Raises AuthRefused (also when `ts_ms` is more than two minutes off), DeviceRevoked, AccountNotActive.
        """
        now = self._clock.now()
        if abs(to_ms(now) - ts_ms) > TOKEN_REQUEST_TOLERANCE / timedelta(milliseconds=1):
            raise AuthRefused
        nonce = hash_("http-token", did + ts_ms.to_bytes(8, "big"))
        await self.authenticate(did, nonce, signature)
        return self.issue_token(did), now + VALIDITY

    async def device_of(self, token: str) -> LinkedDevice:
        """The device a token stands for.  Raises TokenRefused, DeviceRevoked, AccountNotActive."""
        device = await self._find(parse_token(self._token_key, token, self._clock.now()))
        if device is None:
            raise TokenRefused
        return await self._require_counts(device)

    async def _find(self, did: DeviceId) -> LinkedDevice | None:
        async with self._db.snapshot() as tx:
            return await store.find_device(tx, did)

    async def _require_counts(self, device: LinkedDevice) -> LinkedDevice:
        if device.revoked_at is not None:
            raise DeviceRevoked(did=device.did.hex())
        if not (await self._accounts.get(device.uid)).is_active:
            raise AccountNotActive
        return device
